"""Buckets that keep what is overwritten and deleted."""


def show(walk):
    bucket = walk.bucket
    at = {"Bucket": bucket, "Key": "k"}
    walk.ok("GetBucketVersioning", "nothing at first", {"Status": None}, Bucket=bucket)
    old = walk.quiet("PutObject", Body=b"zero", **at)
    walk.wrong("PutObject", "no version", old.get("VersionId"))
    walk.ok("PutBucketVersioning", "from now on all is kept", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    walk.refused("PutBucketVersioning", "MalformedXML", 400, "another status", Bucket=bucket, VersioningConfiguration={"Status": "On"})
    walk.refused("PutBucketVersioning", "IllegalVersioningConfigurationException", 400, "no status", "The Versioning element must be specified", Bucket=bucket, VersioningConfiguration={})
    walk.ok("GetBucketVersioning", "as it was put", {"Status": "Enabled"}, Bucket=bucket)
    walk.refused("GetBucketVersioning", "NoSuchBucket", 404, "no such bucket", Bucket="nobody-has-this")
    one = walk.ok("PutObject", "the id of the version", {"VersionId": lambda it: len(it) == 32}, Body=b"one", **at)["VersionId"]
    two = walk.quiet("PutObject", Body=b"two", **at)["VersionId"]
    walk.ok("GetObject", "an older version", {"Body": b"one", "VersionId": one}, VersionId=one, **at)
    walk.ok("GetObject", "what was there before versions", {"Body": b"zero", "VersionId": "null"}, VersionId="null", **at)
    walk.ok("CopyObject", "of an older version", {"CopySourceVersionId": one}, Bucket=bucket, Key="c", CopySource=f"{bucket}/k?versionId={one}")
    marker = walk.ok("DeleteObject", "a delete marker", {"DeleteMarker": True, "VersionId": lambda it: it}, status=204, **at)["VersionId"]
    walk.refused("GetObject", "NoSuchKey", 404, "its newest version is a delete marker", **at)
    walk.refused("GetObject", "MethodNotAllowed", 405, "a delete marker by its id", VersionId=marker, **at)
    walk.ok(
        "ListObjectVersions",
        "versions and delete markers, the newest first",
        {"Versions": lambda it: [one["VersionId"] for one in it if one["Key"] == "k"] == [two, one, "null"], "DeleteMarkers": lambda it: [(one["VersionId"], one["IsLatest"]) for one in it] == [(marker, True)]},
        Bucket=bucket,
    )
    page = walk.ok("ListObjectVersions", "a page", {"IsTruncated": True, "Versions": lambda it: [one["VersionId"] for one in it] == [two]}, Bucket=bucket, Prefix="k", MaxKeys=2)
    walk.ok("ListObjectVersions", "the next page", {"Versions": lambda it: [entry["VersionId"] for entry in it] == [one, "null"]}, Bucket=bucket, Prefix="k", KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"])
    walk.refused("ListObjectVersions", "InvalidArgument", 400, "a version without its key", "A version-id marker cannot be specified without a key marker.", Bucket=bucket, VersionIdMarker=one)
    walk.refused("DeleteBucket", "BucketNotEmpty", 409, "there are versions in it", Bucket=bucket)
    walk.ok("DeleteObject", "the delete marker: the object is back", {"DeleteMarker": True, "VersionId": marker}, status=204, VersionId=marker, **at)
    walk.ok("GetObject", "the newest version is back", {"Body": b"two"}, **at)
    walk.ok("PutBucketVersioning", "no more are kept", Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    walk.quiet("PutObject", Body=b"three", **at)
    walk.ok("GetObject", "in a bucket that no longer keeps all", {"Body": b"three", "VersionId": "null"}, **at)
    found = walk.quiet("ListObjectVersions", Bucket=bucket)
    every = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found.get("Versions", []) + found.get("DeleteMarkers", [])]
    walk.ok("DeleteObjects", "versions by their ids", {"Deleted": lambda it: len(it) == len(every)}, Bucket=bucket, Delete={"Objects": every})
    walk.ok("ListObjectVersions", "none are left", {"Versions": None, "DeleteMarkers": None}, Bucket=bucket)
