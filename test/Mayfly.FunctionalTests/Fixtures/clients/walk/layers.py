"""Layers, their versions and who may use them."""
import json
import urllib.request

from walking import PREFIX, package

LAYER = PREFIX + "layer:tools"


def show(walk):
    zipped = package(tool="NAME = 'layer'\n")
    made = walk.ok("PublishLayerVersion", "version 1 with its ARN, content and what it fits", {
        "LayerArn": LAYER, "LayerVersionArn": LAYER + ":1", "Version": 1, "Description": "tools", "CompatibleRuntimes": ["python3.11"], "LicenseInfo": "MIT",
        "Content": {"CodeSize": len(zipped)}}, LayerName="tools", Description="tools", Content={"ZipFile": zipped}, CompatibleRuntimes=["python3.11"], LicenseInfo="MIT")
    walk.ok("PublishLayerVersion", "version 2", {"Version": 2}, LayerName="tools", Content={"ZipFile": zipped})
    walk.refused("PublishLayerVersion", "InvalidParameterValueException", "content that is no zip", LayerName="tools", Content={"ZipFile": b"no zip"})
    found = walk.ok("GetLayerVersion", "what was published, and a location of its content", {"LayerVersionArn": LAYER + ":1", "LicenseInfo": "MIT"}, LayerName="tools", VersionNumber=1)
    with urllib.request.urlopen(found["Content"]["Location"]) as answer:
        assert answer.read() == zipped
    walk.refused("GetLayerVersion", "ResourceNotFoundException", "no such version", LayerName="tools", VersionNumber=17)
    walk.ok("GetLayerVersionByArn", "the same by its ARN", {"Version": 1, "Content": {"CodeSha256": made["Content"]["CodeSha256"]}}, Arn=LAYER + ":1")
    walk.refused("GetLayerVersionByArn", "ResourceNotFoundException", "no such layer", Arn=PREFIX + "layer:none:1")
    walk.ok("ListLayers", "the newest fitting version of each", {"Layers": lambda it: [(one["LayerName"], one["LatestMatchingVersion"]["Version"]) for one in it] == [("tools", 2)]})
    walk.refused("ListLayers", "ValidationException", "a page of no items", MaxItems=0)
    walk.ok("ListLayerVersions", "the newest first", {"LayerVersions": lambda it: [one["Version"] for one in it] == [2, 1]}, LayerName="tools")
    walk.refused("ListLayerVersions", "ValidationException", "a page of no items", LayerName="tools", MaxItems=0)
    grant = {"LayerName": "tools", "VersionNumber": 1, "StatementId": "all", "Action": "lambda:GetLayerVersion", "Principal": "*"}
    walk.ok("AddLayerVersionPermission", "the statement", {"Statement": lambda it: json.loads(it)["Resource"] == LAYER + ":1"}, **grant)
    walk.refused("AddLayerVersionPermission", "ResourceConflictException", "the statement id is taken", **grant)
    walk.ok("GetLayerVersionPolicy", "a policy with that statement", {"Policy": lambda it: [one["Sid"] for one in json.loads(it)["Statement"]] == ["all"]}, LayerName="tools", VersionNumber=1)
    walk.ok("RemoveLayerVersionPermission", "the statement is gone", LayerName="tools", VersionNumber=1, StatementId="all")
    walk.refused("RemoveLayerVersionPermission", "ResourceNotFoundException", "no such statement", LayerName="tools", VersionNumber=1, StatementId="all")
    walk.refused("GetLayerVersionPolicy", "ResourceNotFoundException", "no policy", LayerName="tools", VersionNumber=1)
    walk.ok("DeleteLayerVersion", "it is gone", LayerName="tools", VersionNumber=2)
    walk.refused("GetLayerVersion", "ResourceNotFoundException", "a version that is gone", LayerName="tools", VersionNumber=2)
    walk.ok("DeleteLayerVersion", "one that is gone already", LayerName="tools", VersionNumber=2)
    walk.refused("DeleteLayerVersion", "ValidationException", "a layer name out of the model's pattern", LayerName="no layer", VersionNumber=1)
