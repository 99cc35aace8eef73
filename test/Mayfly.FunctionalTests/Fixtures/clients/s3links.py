"""Links and forms of boto3, in both kinds of signature, and what is wrong with a request: python3 s3links.py <endpoint>; prints what was seen."""
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

ENDPOINT = sys.argv[1]
BUCKET = "from-boto3"


def client(version, key="test", secret="test"):
    config = Config(signature_version=version, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, config=config)


def http(method, url, body=None, **headers):
    request = urllib.request.Request(url, data=body, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, text.split("<Code>")[1].split("</Code>")[0] if "<Code>" in text else text, error.headers


def form(post, content, **more):
    lines = []
    for name, value in {**post["fields"], **more}.items():
        lines += ["--bound", f'Content-Disposition: form-data; name="{name}"', "", value]
    lines += ["--bound", 'Content-Disposition: form-data; name="file"; filename="my file.txt"', "", content, "--bound--", ""]
    return "\r\n".join(lines).encode()


def links(version):
    s3, seen = client(version), {}
    put = s3.generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "a b/ü+%", "ContentType": "text/plain"}, 60)
    get = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "a b/ü+%", "ResponseContentType": "text/html"}, 60)
    seen["put"] = http("PUT", put, b"by a link", Content_Type="text/plain")[0]
    status, text, headers = http("GET", get)
    seen["get"] = [status, text, headers["Content-Type"]]
    seen["range"] = http("GET", get, Range="bytes=3-3")[:2]
    seen["tampered"] = [http("GET", url)[:2] for url in (get.replace("a%20b", "a%20c"), get.replace("text%2Fhtml", "text%2Fcss"))] + [http("DELETE", get)[:2], http("PUT", put, b"other", Content_Type="text/css")[:2]]
    late = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "a b/ü+%"}, 1)
    other = client(version, "AKIAOTHER", "any").generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "a b/ü+%"}, 1)
    seen["unknown"] = http("GET", other)[0]
    time.sleep(2.1)
    seen["expired"] = [http("GET", late)[:2], http("GET", other)[:2]]
    post = s3.generate_presigned_post(BUCKET, "up/${filename}", {"acl": "private", "success_action_status": "201"}, [{"acl": "private"}, {"success_action_status": "201"}, ["content-length-range", 1, 10]], 60)
    kind = {"Content_Type": "multipart/form-data; boundary=bound"}
    status, text, _ = http("POST", post["url"], form(post, "0123456789"), **kind)
    seen["form"] = [status, "<Key>up/my file.txt</Key>" in text, s3.get_object(Bucket=BUCKET, Key="up/my file.txt")["Body"].read().decode()]
    seen["forms"] = [http("POST", post["url"], body, **kind)[:2] for body in (form(post, "01234567890"), form(post, ""), form(post, "0", acl="public-read"), form(post, "0", extra="1"), form(post, "0", key="down"), b"--bound--")]
    return seen


def pages():
    s3, seen = client("s3v4"), []
    url = s3.generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "page"}, 60)
    plain = f"{ENDPOINT}/{BUCKET}/page"
    asks = {"Origin": "https://shop.example", "Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "X-Any"}
    seen.append(http("OPTIONS", plain, **asks)[:2])
    seen.append(http("PUT", url, b"x", Origin="https://shop.example")[:2])
    seen.append(http("PUT", url, b"x", Origin="http://localhost:3000")[0])
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["https://*.example"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["x-*"], "ExposeHeaders": ["ETag"]}]})
    status, _, headers = http("OPTIONS", plain, **asks)
    seen.append([status] + [headers[name] for name in ("Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers")])
    status, _, headers = http("PUT", url, b"x", Origin="https://shop.example")
    seen.append([status, headers["Access-Control-Allow-Origin"], headers["ETag"]])
    seen.append(http("OPTIONS", plain, Origin="https://evil.test", Access_Control_Request_Method="PUT")[:2])
    seen.append(http("GET", plain, Origin="https://evil.test")[:2])
    return seen


def keys():
    s3, seen = client(None), []
    odd = ["../../etc/passwd", "a/../b", "//", "trailing ", " ", "ü" * 512, "a\nb", "\x01", "?versions", "%2e%2e"]
    for key in odd:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode(), key
    listed = {one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    seen.append(sorted(set(odd) - listed))
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in odd if key.isprintable()]})
    # What no SDK sends.
    seen.append(http("GET", f"{ENDPOINT}/{BUCKET}/%00", Authorization="AWS a:b")[0])
    seen.append(http("GET", f"{ENDPOINT}/{BUCKET}/%ff", Authorization="AWS a:b")[:2])
    seen.append(http("PUT", f"{ENDPOINT}/{BUCKET}/" + "%C3%BC" * 513, b"x", Authorization="AWS a:b")[:2])
    bombs = (
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><Delete><Object><Key>&c;&c;</Key></Object></Delete>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b"<Delete>" + b"<a>" * 100_000,
    )
    for bomb in bombs:
        seen.append(http("PUT", f"{ENDPOINT}/{BUCKET}?tagging", bomb, Authorization="AWS a:b")[:2])
    seen.append(http("PUT", f"{ENDPOINT}/{BUCKET}?tagging", b" " * (1024 * 1024 + 1), Authorization="AWS a:b")[:2])
    return seen


def doors():
    """Other doors are where they were, and buckets may have their names."""
    s3, seen = client("s3v4"), []
    seen.append(http("GET", f"{ENDPOINT}/nothing/here")[0])
    seen.append("Nothing answers" in http("GET", f"{ENDPOINT}/nothing/here")[1])
    for name in ("schedules", "_api", "_url", "2015-03-31"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="functions/", Body=b"x")
        seen.append([one["Key"] for one in s3.list_objects_v2(Bucket=name)["Contents"]])
    seen.append("Functions" in http("GET", f"{ENDPOINT}/2015-03-31/functions/")[1])
    seen.append("Schedules" in http("GET", f"{ENDPOINT}/schedules")[1])
    seen.append(http("GET", f"{ENDPOINT}/{BUCKET}/page", Host=f"{BUCKET}.localhost")[0])
    seen.append(http("GET", f"{ENDPOINT}/page", Host=f"{BUCKET}.localhost")[:2])
    seen.append(http("GET", f"{ENDPOINT}/page", Host=f"{BUCKET}.s3.us-east-1.localhost")[:2])
    return seen


client(None).create_bucket(Bucket=BUCKET)
print(json.dumps({"old": links(None), "new": links("s3v4"), "pages": pages(), "keys": keys(), "doors": doors()}))
