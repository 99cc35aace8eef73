"""Objects: writing, reading, listing, copying, deleting, and what is known of them."""
import hashlib

KEY = "a b/ü+%&?#/../x"
TEXT = b"Hello World!"
ETAG = f'"{hashlib.md5(TEXT).hexdigest()}"'
OTHER = '"00000000000000000000000000000000"'


def show(walk):
    put(walk)
    get(walk)
    tags(walk)
    copy(walk)
    lists(walk)
    delete(walk)


def put(walk):
    bucket = walk.bucket
    walk.ok("PutObject", "ETag and the checksum that was sent", {"ETag": ETAG, "ChecksumCRC32": "HCkcow==", "ChecksumType": "FULL_OBJECT"}, Bucket=bucket, Key=KEY, Body=TEXT, ContentType="text/plain", Metadata={"Color": "red"}, CacheControl="no-store", Tagging="a=1&b=2", ChecksumAlgorithm="CRC32")
    walk.refused("PutObject", "PreconditionFailed", 412, "if there is none", Bucket=bucket, Key=KEY, Body=TEXT, IfNoneMatch="*")
    walk.refused("PutObject", "PreconditionFailed", 412, "if it is another", Bucket=bucket, Key=KEY, Body=TEXT, IfMatch=OTHER)
    walk.refused("PutObject", "NoSuchKey", 404, "if it is, and there is none", Bucket=bucket, Key="none", Body=TEXT, IfMatch=ETAG)
    walk.refused("PutObject", "KeyTooLongError", 400, "a key of 1,025 bytes", Bucket=bucket, Key="k" * 1025, Body=TEXT)
    walk.refused("PutObject", "BadDigest", 400, "another MD5", "The Content-MD5 you specified did not match what we received.", Bucket=bucket, Key="bad", Body=TEXT, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    walk.refused("PutObject", "InvalidDigest", 400, "an MD5 that is none", Bucket=bucket, Key="bad", Body=TEXT, ContentMD5="none")
    walk.refused("PutObject", "BadDigest", 400, "another checksum", Bucket=bucket, Key="bad", Body=TEXT, ChecksumSHA256="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    walk.refused("PutObject", "InvalidRequest", 400, "a checksum that is none", "Value for x-amz-checksum-sha256 header is invalid.", Bucket=bucket, Key="bad", Body=TEXT, ChecksumSHA256="none")
    walk.refused("PutObject", "MetadataTooLarge", 400, "more than 2 KB of metadata", Bucket=bucket, Key="bad", Body=TEXT, Metadata={"a": "b" * 2100})
    walk.refused("PutObject", "NoSuchBucket", 404, "no such bucket", Bucket="nobody-has-this", Key="k", Body=TEXT)
    walk.refused("HeadObject", "404", 404, "nothing was written by those", Bucket=bucket, Key="bad")


def get(walk):
    bucket = walk.bucket
    at = {"Bucket": bucket, "Key": KEY}
    walk.ok("GetObject", "content, headers, metadata and checksum", {"Body": TEXT, "ContentType": "text/plain", "Metadata": {"color": "red"}, "CacheControl": "no-store", "TagCount": 2, "ETag": ETAG, "ChecksumCRC32": "HCkcow=="}, ChecksumMode="ENABLED", **at)
    for what, wanted, seen, place in (("the first bytes", "bytes=0-4", b"Hello", "0-4"), ("the last bytes", "bytes=-6", b"World!", "6-11"), ("the rest", "bytes=6-", b"World!", "6-11")):
        walk.ok("GetObject", what, {"Body": seen, "ContentRange": f"bytes {place}/12"}, status=206, Range=wanted, **at)
    walk.ok("GetObject", "other headers than it has", {"ContentType": "text/html", "ContentDisposition": "attachment"}, ResponseContentType="text/html", ResponseContentDisposition="attachment", **at)
    walk.ok("GetObject", "if it is this", {"Body": TEXT}, IfMatch=ETAG, **at)
    walk.refused("GetObject", "304", 304, "unless it is this", IfNoneMatch=ETAG, **at)
    walk.refused("GetObject", "304", 304, "if it is newer", IfModifiedSince="2030-01-01T00:00:00Z", **at)
    walk.refused("GetObject", "PreconditionFailed", 412, "if it is another", IfMatch=OTHER, **at)
    walk.refused("GetObject", "PreconditionFailed", 412, "if it is older", IfUnmodifiedSince="2001-01-01T00:00:00Z", **at)
    walk.refused("GetObject", "InvalidRange", 416, "bytes behind its end", Range="bytes=12-", **at)
    walk.refused("GetObject", "NoSuchKey", 404, "no such object", "The specified key does not exist.", Bucket=bucket, Key="none")
    walk.refused("GetObject", "InvalidArgument", 400, "a version in a bucket that has none", "Invalid version id specified", VersionId="abc", **at)
    walk.ok("HeadObject", "what a get says, without content", {"ContentLength": 12, "ETag": ETAG, "Metadata": {"color": "red"}}, **at)
    walk.ok("GetObjectAttributes", "those that are asked for", {"ETag": ETAG.strip('"'), "ObjectSize": 12, "StorageClass": "STANDARD", "Checksum": {"ChecksumCRC32": "HCkcow=="}}, ObjectAttributes=["ETag", "Checksum", "StorageClass", "ObjectSize", "ObjectParts"], **at)
    walk.refused("GetObjectAttributes", "InvalidArgument", 400, "no such attribute", ObjectAttributes=["Color"], **at)


def tags(walk):
    at = {"Bucket": walk.bucket, "Key": KEY}
    none = {"Bucket": walk.bucket, "Key": "none"}
    walk.ok("GetObjectTagging", "those that it was written with", {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}, **at)
    walk.ok("PutObjectTagging", "others in their place", Tagging={"TagSet": [{"Key": "c", "Value": "3 +/ü"}]}, **at)
    walk.ok("GetObjectTagging", "the others", {"TagSet": [{"Key": "c", "Value": "3 +/ü"}]}, **at)
    walk.refused("PutObjectTagging", "BadRequest", 400, "more than ten", Tagging={"TagSet": [{"Key": str(i), "Value": ""} for i in range(11)]}, **at)
    walk.refused("PutObjectTagging", "InvalidTag", 400, "a key with a sign that is not allowed", "The TagKey you have provided is invalid", Tagging={"TagSet": [{"Key": "<", "Value": ""}]}, **at)
    walk.ok("DeleteObjectTagging", "they are gone", status=204, **at)
    walk.ok("GetObjectAcl", "the owner may everything", {"Grants": lambda it: len(it) == 1}, **at)
    walk.ok("PutObjectAcl", "a list by its name", ACL="public-read", **at)
    walk.ok("GetObjectAcl", "that list", {"Grants": lambda it: it[1]["Grantee"]["URI"].endswith("AllUsers")}, **at)
    for operation, params in {"GetObjectTagging": {}, "PutObjectTagging": {"Tagging": {"TagSet": []}}, "DeleteObjectTagging": {}, "GetObjectAcl": {}, "PutObjectAcl": {"ACL": "private"}}.items():
        walk.refused(operation, "NoSuchKey", 404, "no such object", **none, **params)


def copy(walk):
    bucket = walk.bucket
    source = {"Bucket": bucket, "Key": KEY}
    path = f"{bucket}/{KEY}"
    walk.ok("CopyObject", "headers and metadata come along", {"CopyObjectResult": {"ETag": ETAG}}, Bucket=bucket, Key="copy", CopySource=path)
    walk.ok("HeadObject", "of the copy", {"ContentType": "text/plain", "Metadata": {"color": "red"}}, Bucket=bucket, Key="copy")
    walk.ok("CopyObject", "onto itself with other metadata", Bucket=bucket, Key="copy", CopySource=f"/{bucket}/copy", MetadataDirective="REPLACE", Metadata={"size": "big"}, ContentType="text/css")
    walk.ok("GetObject", "the copy with that", {"Body": TEXT, "ContentType": "text/css", "Metadata": {"size": "big"}}, Bucket=bucket, Key="copy")
    walk.refused("CopyObject", "InvalidRequest", 400, "onto itself as it is", "This copy request is illegal", Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy")
    walk.refused("CopyObject", "PreconditionFailed", 412, "if the source is another", Bucket=bucket, Key="copy2", CopySource=path, CopySourceIfMatch=OTHER)
    walk.refused("CopyObject", "NoSuchKey", 404, "no such source", Bucket=bucket, Key="copy2", CopySource=f"{bucket}/none")
    walk.refused("CopyObject", "InvalidArgument", 400, "a source without a key", "Invalid copy source object key", Bucket=bucket, Key="copy2", CopySource=bucket)
    walk.quiet("HeadObject", **source)


def lists(walk):
    bucket = walk.bucket
    for key in ("d/1", "d/2", "d/e/3", "\U0001f600", "\ufffd", "z "):
        walk.quiet("PutObject", Bucket=bucket, Key=key, Body=b"x")
    keys = [KEY, "copy", "d/1", "d/2", "d/e/3", "z ", "\ufffd", "\U0001f600"]
    named = lambda it: [one["Key"] for one in it]
    groups = lambda it: [one["Prefix"] for one in it]
    for operation in ("ListObjects", "ListObjectsV2"):
        walk.ok(operation, "all, in the order of their bytes", {"Contents": lambda it: named(it) == keys, "IsTruncated": False, "Name": bucket}, Bucket=bucket)
        walk.ok(operation, "what has a prefix, put together by a delimiter", {"Contents": lambda it: named(it) == ["d/1", "d/2"], "CommonPrefixes": lambda it: groups(it) == ["d/e/"]}, Bucket=bucket, Prefix="d/", Delimiter="/")
        walk.refused(operation, "NoSuchBucket", 404, "no such bucket", Bucket="nobody-has-this")
    page = walk.ok("ListObjects", "a page, after which to go on", {"Contents": lambda it: named(it) == ["copy"], "IsTruncated": True, "NextMarker": "copy", "CommonPrefixes": lambda it: groups(it) == ["a b/"]}, Bucket=bucket, Delimiter="/", MaxKeys=2)
    walk.ok("ListObjects", "the next page", {"CommonPrefixes": lambda it: groups(it) == ["d/"]}, Bucket=bucket, Delimiter="/", MaxKeys=1, Marker=page["NextMarker"])
    page = walk.ok("ListObjectsV2", "a page, with a token to go on", {"KeyCount": 3, "IsTruncated": True}, Bucket=bucket, MaxKeys=3)
    walk.ok("ListObjectsV2", "the next page", {"Contents": lambda it: named(it) == keys[3:5]}, Bucket=bucket, MaxKeys=2, ContinuationToken=page["NextContinuationToken"])
    walk.ok("ListObjectsV2", "after a key, with owners", {"Contents": lambda it: named(it) == keys[5:] and it[0]["Owner"]["ID"]}, Bucket=bucket, StartAfter="d/e/3", FetchOwner=True)
    walk.refused("ListObjectsV2", "InvalidArgument", 400, "a token that was never given", "The continuation token provided is incorrect", Bucket=bucket, ContinuationToken="&")


def delete(walk):
    bucket = walk.bucket
    walk.refused("DeleteObject", "PreconditionFailed", 412, "if it is another", Bucket=bucket, Key="copy", IfMatch=OTHER)
    walk.ok("DeleteObject", "it is gone", {"DeleteMarker": None}, status=204, Bucket=bucket, Key="copy")
    walk.ok("DeleteObject", "what is not there", status=204, Bucket=bucket, Key="copy")
    walk.refused("DeleteBucket", "BucketNotEmpty", 409, "there are objects in it", Bucket=bucket)
    gone = [KEY, "d/1", "none"]
    walk.ok("DeleteObjects", "several, told one by one", {"Deleted": lambda it: [one["Key"] for one in it] == gone, "Errors": None}, Bucket=bucket, Delete={"Objects": [{"Key": key} for key in gone]})
    walk.ok("DeleteObjects", "several, quietly", {"Deleted": None}, Bucket=bucket, Delete={"Objects": [{"Key": key} for key in ("d/2", "d/e/3", "\U0001f600", "\ufffd", "z ")], "Quiet": True})
    walk.ok("ListObjectsV2", "none are left", {"Contents": None, "KeyCount": 0}, Bucket=bucket)
    walk.refused("DeleteObjects", "MalformedXML", 400, "none", Bucket=bucket, Delete={"Objects": []})
