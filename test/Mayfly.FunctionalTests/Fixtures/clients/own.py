"""Makes two functions, of which one calls the other with the boto3 and the credentials that it finds: python3 own.py <endpoint>"""
import io
import json
import sys
import zipfile

import boto3
from botocore.config import Config

CALLER = """
import json, os
import boto3, botocore

def handler(event, context):
    # A newer boto3 takes the endpoint from its environment by itself.
    found = {} if tuple(map(int, botocore.__version__.split(".")[:2])) >= (1, 31) else {"endpoint_url": os.environ["AWS_ENDPOINT_URL"]}
    client = boto3.client("lambda", **found)
    key = client._request_signer._credentials.access_key
    assert key == os.environ["AWS_ACCESS_KEY_ID"] and key.startswith("ASIA"), key
    return json.load(client.invoke(FunctionName="own-callee", Payload=json.dumps(event))["Payload"])
"""
CALLEE = """
def handler(event, context):
    return {"callee": event, "arn": context.invoked_function_arn}
"""


def package(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", text)
    return buffer.getvalue()


client = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="eu-central-1", config=Config(retries={"total_max_attempts": 1}, read_timeout=120))
for name, code in (("own-caller", CALLER), ("own-callee", CALLEE)):
    client.create_function(FunctionName=name, Runtime="python3.11", Handler="app.handler", Role="arn:aws:iam::123456789012:role/any", Code={"ZipFile": package(code)}, Timeout=60, MemorySize=256)
answer = client.invoke(FunctionName="own-caller", Payload=b'{"n": 1}')
said = json.load(answer["Payload"])
assert "FunctionError" not in answer, said
assert said == {"callee": {"n": 1}, "arn": "arn:aws:lambda:eu-central-1:123456789012:function:own-callee"}, said
print("called")
