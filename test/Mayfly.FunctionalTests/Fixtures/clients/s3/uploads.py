"""Objects that are uploaded in parts."""
import hashlib

MIB = 1024 * 1024
FIRST, LAST = b"a" * 5 * MIB, b"the end"


def tag(*parts):
    return f'"{hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()}-{len(parts)}"'


def show(walk):
    bucket, key = walk.bucket, "large"
    at = {"Bucket": bucket, "Key": key}
    upload = walk.ok("CreateMultipartUpload", "its id", {"Bucket": bucket, "Key": key, "ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"}, ContentType="text/plain", Metadata={"a": "b"}, ChecksumAlgorithm="CRC32", **at)["UploadId"]
    walk.refused("CreateMultipartUpload", "NoSuchBucket", 404, "no such bucket", Bucket="nobody-has-this", Key=key)
    of = {"UploadId": upload, **at}
    walk.ok("ListMultipartUploads", "it", {"Uploads": lambda it: [(one["Key"], one["UploadId"]) for one in it] == [(key, upload)]}, Bucket=bucket)
    walk.refused("ListMultipartUploads", "NoSuchBucket", 404, "no such bucket", Bucket="nobody-has-this")
    last = walk.ok("UploadPart", "the last part first", {"ETag": f'"{hashlib.md5(LAST).hexdigest()}"'}, PartNumber=7, Body=LAST, ChecksumAlgorithm="CRC32", **of)
    walk.ok("UploadPart", "a part", PartNumber=2, Body=b"b" * 5 * MIB, ChecksumAlgorithm="CRC32", **of)
    first = walk.ok("UploadPart", "the part once more, in its place", {"ETag": f'"{hashlib.md5(FIRST).hexdigest()}"', "ChecksumCRC32": lambda it: it}, PartNumber=2, Body=FIRST, ChecksumAlgorithm="CRC32", **of)
    walk.refused("UploadPart", "InvalidArgument", 400, "number 0", "Part number must be an integer between 1 and 10000, inclusive", PartNumber=0, Body=LAST, **of)
    walk.refused("UploadPart", "NoSuchUpload", 404, "no such upload", PartNumber=1, Body=LAST, UploadId="none", **at)
    walk.ok("ListParts", "each once, by number", {"Parts": lambda it: [(one["PartNumber"], one["Size"]) for one in it] == [(2, 5 * MIB), (7, 7)], "IsTruncated": False, "NextPartNumberMarker": 7}, **of)
    walk.ok("ListParts", "a page", {"Parts": lambda it: len(it) == 1, "IsTruncated": True, "NextPartNumberMarker": 2}, MaxParts=1, **of)
    walk.refused("ListParts", "NoSuchUpload", 404, "no such upload", UploadId="none", **at)
    parts = [{"PartNumber": 2, "ETag": first["ETag"], "ChecksumCRC32": first["ChecksumCRC32"]}, {"PartNumber": 7, "ETag": last["ETag"], "ChecksumCRC32": last["ChecksumCRC32"]}]
    for kind, what, given in (
        ("InvalidPartOrder", "parts out of order", parts[::-1]),
        ("InvalidPart", "a part that is another", [{**parts[0], "ETag": last["ETag"]}]),
        ("InvalidPart", "a part that is not there", [*parts, {**parts[1], "PartNumber": 8}]),
        ("InvalidRequest", "no part", []),
    ):
        walk.refused("CompleteMultipartUpload", kind, 400, what, MultipartUpload={"Parts": given}, **of)
    walk.refused("CompleteMultipartUpload", "NoSuchKey", 404, "if there is this, and there is none", MultipartUpload={"Parts": parts}, IfMatch=first["ETag"], **of)
    walk.ok("CompleteMultipartUpload", "the ETag is made of those of the parts", {"ETag": tag(FIRST, LAST), "ChecksumType": "COMPOSITE", "ChecksumCRC32": lambda it: it.endswith("-2")}, MultipartUpload={"Parts": parts}, **of)
    walk.ok("CompleteMultipartUpload", "again, as a client does that lost the answer", {"ETag": tag(FIRST, LAST)}, MultipartUpload={"Parts": parts}, **of)
    walk.ok("GetObject", "what was uploaded in parts", {"Body": FIRST + LAST, "ContentType": "text/plain", "Metadata": {"a": "b"}}, **at)
    walk.ok("GetObject", "a part", {"Body": LAST, "PartsCount": 2}, status=206, PartNumber=2, **at)
    walk.ok("HeadObject", "a part", {"ContentLength": 5 * MIB, "PartsCount": 2}, status=206, PartNumber=1, **at)
    walk.ok("GetObjectAttributes", "parts", {"ObjectParts": lambda it: it["TotalPartsCount"] == 2 and len(it["Parts"]) == 2}, ObjectAttributes=["ObjectParts"], **at)
    copies(walk, at)
    small = walk.quiet("CreateMultipartUpload", Bucket=bucket, Key="small")["UploadId"]
    tags = [walk.quiet("UploadPart", Bucket=bucket, Key="small", UploadId=small, PartNumber=number, Body=LAST)["ETag"] for number in (1, 2)]
    walk.refused("CompleteMultipartUpload", "EntityTooSmall", 400, "a part of less than 5 MiB before the last", Bucket=bucket, Key="small", UploadId=small, MultipartUpload={"Parts": [{"PartNumber": number, "ETag": one} for number, one in enumerate(tags, 1)]})
    walk.ok("AbortMultipartUpload", "its parts are gone", status=204, Bucket=bucket, Key="small", UploadId=small)
    walk.refused("AbortMultipartUpload", "NoSuchUpload", 404, "it was aborted", Bucket=bucket, Key="small", UploadId=small)
    walk.ok("ListMultipartUploads", "none are left", {"Uploads": None}, Bucket=bucket)
    walk.quiet("DeleteObjects", Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "joined"}]})


def copies(walk, at):
    source = f"{at['Bucket']}/{at['Key']}"
    to = {"Bucket": at["Bucket"], "Key": "joined"}
    of = {**to, "UploadId": walk.quiet("CreateMultipartUpload", **to)["UploadId"]}
    one = walk.ok("UploadPartCopy", "an object as a part", {"CopyPartResult": {"ETag": lambda it: it}}, PartNumber=1, CopySource=source, **of)
    two = walk.ok("UploadPartCopy", "a range of it", {"CopyPartResult": {"ETag": f'"{hashlib.md5(LAST[:3]).hexdigest()}"'}}, PartNumber=2, CopySource=source, CopySourceRange=f"bytes={5 * MIB}-{5 * MIB + 2}", **of)
    walk.refused("UploadPartCopy", "InvalidArgument", 400, "a range beyond its end", "Range specified is not valid for source object of size", PartNumber=3, CopySource=source, CopySourceRange="bytes=0-99999999", **of)
    parts = [{"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]} for number, part in ((1, one), (2, two))]
    walk.ok("CompleteMultipartUpload", "of copies", MultipartUpload={"Parts": parts}, **of)
    walk.ok("GetObject", "what was joined of copies", {"Body": FIRST + LAST + LAST[:3]}, **to)
