"""Functions: create, get, list, update, tag, delete; permissions and URLs; the account."""
import json
import re
import urllib.request

from walking import PREFIX, ROLE, package

NAME = "walk"
ARN = PREFIX + "function:" + NAME
CODE = "import json, os\ndef handler(event, context):\n    print('seen', json.dumps(event))\n    if event == 'fail': raise ValueError('as asked')\n    return {'got': event, 'version': context.function_version}\n"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
NOBODY = "nobody"


def show(walk):
    zipped = package(app=CODE)
    made = walk.ok("CreateFunction", "name, ARN, code hash, settings and defaults; `Pending`, version `$LATEST`", {
        "FunctionName": NAME, "FunctionArn": ARN, "Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, "CodeSize": len(zipped), "CodeSha256": re.compile(r"[A-Za-z0-9+/]{43}="),
        "Timeout": 20, "MemorySize": 256, "Description": "made by the walk", "Environment": {"Variables": {"WHO": "b"}}, "Version": "$LATEST", "State": "Pending", "StateReasonCode": "Creating",
        "PackageType": "Zip", "Architectures": ["x86_64"], "TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512}, "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RevisionId": UUID, "LastModified": DATE, "LoggingConfig": lambda it: it in (None, {"LogFormat": "Text", "LogGroup": "/aws/lambda/walk"}),
    }, FunctionName=NAME, Runtime="python3.11", Handler="app.handler", Role=ROLE, Code={"ZipFile": zipped}, Timeout=20, MemorySize=256, Description="made by the walk",
        Environment={"Variables": {"WHO": "b"}}, Tags={"team": "blue"})
    again = {"Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, "Code": {"ZipFile": zipped}}
    walk.refused("CreateFunction", "ResourceConflictException", "the name is taken", "Function already exist: walk", FunctionName=NAME, **again)
    walk.refused("CreateFunction", "ValidationException", "a name out of the model's pattern", "1 validation error detected", FunctionName="not a name", **again)
    walk.refused("CreateFunction", "InvalidParameterValueException", "a code package that is no zip", FunctionName="no-zip", **{**again, "Code": {"ZipFile": b"no zip"}})
    walk.settled(NAME)

    found = walk.ok("GetFunction", "configuration, tags, and a location from which the package comes as it was sent",
        {"Configuration": {"FunctionArn": ARN, "State": "Active", "LastUpdateStatus": "Successful"}, "Tags": {"team": "blue"}, "Code": {"RepositoryType": "S3"}}, FunctionName=ARN)
    with urllib.request.urlopen(found["Code"]["Location"]) as answer:
        assert answer.read() == zipped
    walk.refused("GetFunction", "ResourceNotFoundException", "no such function", f"Function not found: {PREFIX}function:{NOBODY}", FunctionName=NOBODY)
    for one in (NAME, ARN, ARN + ":$LATEST"):
        assert walk.client.get_function_configuration(FunctionName=one)["CodeSha256"] == made["CodeSha256"]
    walk.ok("GetFunctionConfiguration", "the configuration by name, ARN and partial ARN", {"FunctionName": NAME, "CodeSha256": made["CodeSha256"]}, FunctionName="000000000000:function:" + NAME)
    walk.refused("GetFunctionConfiguration", "ResourceNotFoundException", "no such version", FunctionName=NAME, Qualifier="17")

    walk.ok("CreateFunction", "a version at once with `Publish`", {"Version": "1", "FunctionArn": PREFIX + "function:walk-two"}, FunctionName="walk-two", Publish=True, **again)
    first = walk.ok("ListFunctions", "pages by `MaxItems` and `Marker`", {"Functions": lambda it: [one["FunctionName"] for one in it] == [NAME]}, MaxItems=1)
    walk.ok("ListFunctions", "the next page", {"Functions": lambda it: [one["FunctionName"] for one in it] == ["walk-two"], "NextMarker": lambda it: not it}, MaxItems=1, Marker=first["NextMarker"])
    walk.ok("ListFunctions", "all versions with `FunctionVersion=ALL`", {"Functions": lambda it: [one["FunctionArn"].split("function:")[1] for one in it] == ["walk:$LATEST", "walk-two:$LATEST", "walk-two:1"]}, FunctionVersion="ALL")
    walk.refused("ListFunctions", "ValidationException", "a page of no items", MaxItems=0)

    changed = walk.ok("UpdateFunctionConfiguration", "what was given is changed, the rest stays; `InProgress`",
        {"Timeout": 30, "MemorySize": 256, "Environment": {"Variables": {"WHO": "c"}}, "LastUpdateStatus": "InProgress"}, FunctionName=NAME, Timeout=30, Environment={"Variables": {"WHO": "c"}})
    walk.refused("UpdateFunctionConfiguration", "PreconditionFailedException", "an old revision id", FunctionName=NAME, RevisionId=made["RevisionId"], Timeout=31)
    walk.refused("UpdateFunctionConfiguration", "InvalidParameterValueException", "a reserved name in the environment", "reserved", FunctionName=NAME, Environment={"Variables": {"AWS_REGION": "x"}})
    walk.settled(NAME)
    dry = walk.ok("UpdateFunctionCode", "`DryRun` shows the hash and changes nothing", {"CodeSha256": lambda it: it != made["CodeSha256"]}, FunctionName=NAME, ZipFile=package(app=CODE + "#\n"), DryRun=True)
    assert walk.client.get_function_configuration(FunctionName=NAME)["CodeSha256"] == made["CodeSha256"]
    walk.ok("UpdateFunctionCode", "new code, a new revision id", {"CodeSha256": dry["CodeSha256"], "RevisionId": lambda it: it != changed["RevisionId"]}, FunctionName=NAME, ZipFile=package(app=CODE + "#\n"))
    walk.refused("UpdateFunctionCode", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, ZipFile=zipped)
    walk.settled(NAME)
    tags(walk)
    permissions(walk)
    urls(walk)
    walk.ok("GetAccountSettings", "limits, and what is used of them; no caller can make it fail", {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000, "CodeSizeUnzipped": 262144000}, "AccountUsage": {"FunctionCount": 2}})


def tags(walk):
    walk.ok("TagResource", "tags are added", Resource=ARN, Tags={"stage": "test", "team": "red"})
    walk.refused("TagResource", "ResourceNotFoundException", "no such function", Resource=PREFIX + "function:" + NOBODY, Tags={"a": "b"})
    walk.ok("ListTags", "all tags of a function", {"Tags": {"stage": "test", "team": "red"}}, Resource=ARN)
    walk.refused("ListTags", "InvalidParameterValueException", "the ARN of a version", Resource=ARN + ":1")
    walk.ok("UntagResource", "tags are taken away", Resource=ARN, TagKeys=["stage", "other"])
    walk.refused("UntagResource", "ResourceNotFoundException", "no such function", Resource=PREFIX + "function:" + NOBODY, TagKeys=["a"])
    assert walk.client.list_tags(Resource=ARN)["Tags"] == {"team": "red"}


def permissions(walk):
    grant = {"FunctionName": NAME, "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::bucket", "SourceAccount": "123456789012"}
    statement = {"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": ARN,
        "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}}}
    walk.ok("AddPermission", "the statement with its conditions", {"Statement": lambda it: json.loads(it) == statement}, **grant)
    walk.refused("AddPermission", "ResourceConflictException", "the statement id is taken", **grant)
    walk.ok("GetPolicy", "a policy with that statement and a revision id", {"Policy": lambda it: json.loads(it)["Statement"] == [statement], "RevisionId": UUID}, FunctionName=NAME)
    walk.ok("RemovePermission", "the statement is gone", FunctionName=NAME, StatementId="s3")
    walk.refused("RemovePermission", "ResourceNotFoundException", "no such statement", FunctionName=NAME, StatementId="s3")
    walk.refused("GetPolicy", "ResourceNotFoundException", "no policy", FunctionName=NAME)


def urls(walk):
    cors = {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"], "MaxAge": 60}
    made = walk.ok("CreateFunctionUrlConfig", "an address that answers, with CORS", {"AuthType": "NONE", "FunctionArn": ARN, "Cors": cors, "FunctionUrl": re.compile("http://.*/")}, FunctionName=NAME, AuthType="NONE", Cors=cors)
    with urllib.request.urlopen(made["FunctionUrl"]) as answer:
        assert json.load(answer)["got"]["requestContext"]["http"]["method"] == "GET"
    walk.refused("CreateFunctionUrlConfig", "ResourceConflictException", "it has one", FunctionName=NAME, AuthType="NONE")
    walk.ok("GetFunctionUrlConfig", "what was made", {"FunctionUrl": made["FunctionUrl"], "Cors": cors}, FunctionName=NAME)
    walk.refused("GetFunctionUrlConfig", "ResourceNotFoundException", "it has none", FunctionName="walk-two")
    walk.ok("UpdateFunctionUrlConfig", "the mode of answering is changed, CORS stays", {"InvokeMode": "RESPONSE_STREAM", "Cors": cors, "AuthType": "NONE"}, FunctionName=NAME, InvokeMode="RESPONSE_STREAM")
    walk.refused("UpdateFunctionUrlConfig", "ResourceNotFoundException", "it has none", FunctionName="walk-two", AuthType="NONE")
    walk.ok("ListFunctionUrlConfigs", "those of the function", {"FunctionUrlConfigs": lambda it: [one["FunctionUrl"] for one in it] == [made["FunctionUrl"]]}, FunctionName=NAME)
    walk.refused("ListFunctionUrlConfigs", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteFunctionUrlConfig", "it is gone", FunctionName=NAME)
    walk.refused("DeleteFunctionUrlConfig", "ResourceNotFoundException", "it has none", FunctionName=NAME)


def remove(walk):
    walk.client.delete_function(FunctionName="walk-two")
    walk.ok("DeleteFunction", "the function with its versions and aliases", status=204, FunctionName=NAME)
    walk.refused("ListAliases", "ResourceNotFoundException", "a function that is gone", FunctionName=NAME)
    walk.refused("DeleteFunction", "ResourceNotFoundException", "a function that is gone", FunctionName=NAME)
    walk.ok("ListFunctions", "none", {"Functions": []})
