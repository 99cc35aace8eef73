"""The calls that every client makes, in the names of the service's model. Blobs are {"@blob": base64}."""
import base64
import io
import json
import zipfile

CODE = """
import json

def handler(event, context):
    print("seen", json.dumps(event))
    if event == "fail":
        raise ValueError("as asked")
    return {"got": event, "version": context.function_version}
"""
NAME = "same"


def blob(data):
    return {"@blob": base64.b64encode(data).decode()}


def package(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py", (2024, 1, 1, 0, 0, 0)), text)
    return blob(buffer.getvalue())


def steps(region):
    arn = f"arn:aws:lambda:{region}:000000000000:function:{NAME}"
    create = {"FunctionName": NAME, "Runtime": "python3.11", "Handler": "app.handler", "Role": "arn:aws:iam::000000000000:role/any", "Code": {"ZipFile": package(CODE)}}
    cors = {"AllowOrigins": ["*"], "MaxAge": 5}
    return [
        ("CreateFunction", {**create, "Timeout": 20, "MemorySize": 256, "Description": "by a client", "Environment": {"Variables": {"WHO": "me"}}, "Tags": {"a": "b"}}),
        ("wait:FunctionExists", {"FunctionName": NAME}),
        ("wait:FunctionActiveV2", {"FunctionName": NAME}),
        ("CreateFunction", create),
        ("CreateFunction", {**create, "FunctionName": "not a name"}),
        ("GetFunction", {"FunctionName": arn}),
        ("GetFunction", {"FunctionName": "nobody"}),
        ("ListFunctions", {}),
        ("PublishVersion", {"FunctionName": NAME, "Description": "one"}),
        ("wait:PublishedVersionActive", {"FunctionName": NAME, "Qualifier": "1"}),
        ("UpdateFunctionConfiguration", {"FunctionName": NAME, "Timeout": 21}),
        ("wait:FunctionUpdatedV2", {"FunctionName": NAME}),
        ("UpdateFunctionCode", {"FunctionName": NAME, "ZipFile": package(CODE + "# two\n"), "Publish": True}),
        ("wait:PublishedVersionActive", {"FunctionName": NAME, "Qualifier": "2"}),
        ("ListVersionsByFunction", {"FunctionName": NAME}),
        ("CreateAlias", {"FunctionName": NAME, "Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.25}}}),
        ("CreateAlias", {"FunctionName": NAME, "Name": "other", "FunctionVersion": "17"}),
        ("UpdateAlias", {"FunctionName": NAME, "Name": "live", "FunctionVersion": "2", "RoutingConfig": {"AdditionalVersionWeights": {}}}),
        ("GetAlias", {"FunctionName": NAME, "Name": "live"}),
        ("Invoke", {"FunctionName": NAME, "Qualifier": "live", "LogType": "Tail", "Payload": blob(json.dumps({"text": "ä €"}).encode())}),
        ("Invoke", {"FunctionName": NAME, "LogType": "Tail", "Payload": blob(b'"fail"')}),
        ("Invoke", {"FunctionName": NAME, "InvocationType": "DryRun", "Payload": blob(b"{}")}),
        ("Invoke", {"FunctionName": NAME, "InvocationType": "Event", "Payload": blob(b"{}")}),
        ("Invoke", {"FunctionName": NAME, "Payload": blob(b"{")}),
        ("TagResource", {"Resource": arn, "Tags": {"stage": "test"}}),
        ("ListTags", {"Resource": arn}),
        ("UntagResource", {"Resource": arn, "TagKeys": ["a"]}),
        ("ListTags", {"Resource": arn}),
        ("CreateFunctionUrlConfig", {"FunctionName": NAME, "AuthType": "NONE", "Cors": cors}),
        ("GetFunctionUrlConfig", {"FunctionName": NAME}),
        ("PutFunctionConcurrency", {"FunctionName": NAME, "ReservedConcurrentExecutions": 0}),
        ("Invoke", {"FunctionName": NAME, "Payload": blob(b"{}")}),
        ("GetFunctionConcurrency", {"FunctionName": NAME}),
        ("AddPermission", {"FunctionName": NAME, "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}),
        ("GetPolicy", {"FunctionName": NAME}),
        ("GetAccountSettings", {}),
        ("DeleteAlias", {"FunctionName": NAME, "Name": "live"}),
        ("DeleteFunction", {"FunctionName": NAME}),
        ("DeleteFunction", {"FunctionName": NAME}),
    ]


if __name__ == "__main__":
    import sys
    print(json.dumps([{"call": call, "params": params} for call, params in steps(sys.argv[1])]))
