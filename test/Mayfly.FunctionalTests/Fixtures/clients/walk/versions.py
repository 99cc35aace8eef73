"""Versions and aliases."""
from functions import ARN, NAME, NOBODY, UUID


def show(walk):
    one = walk.ok("PublishVersion", "version 1 of what `$LATEST` is", {"Version": "1", "FunctionArn": ARN + ":1", "Description": "first"}, FunctionName=NAME, Description="first")
    walk.client.get_waiter("published_version_active").wait(FunctionName=NAME, Qualifier="1", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    walk.ok("PublishVersion", "no new one when nothing changed", {"Version": "1", "CodeSha256": one["CodeSha256"]}, FunctionName=NAME)
    walk.refused("PublishVersion", "InvalidParameterValueException", "another code hash than `$LATEST`'s", FunctionName=NAME, CodeSha256="x" * 43 + "=")
    walk.refused("PublishVersion", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.client.update_function_configuration(FunctionName=NAME, Description="changed")
    walk.settled(NAME)
    walk.ok("PublishVersion", "version 2 after a change", {"Version": "2", "Description": "changed"}, FunctionName=NAME)
    page = walk.ok("ListVersionsByFunction", "`$LATEST` first, in pages", {"Versions": lambda it: [v["Version"] for v in it] == ["$LATEST", "1"]}, FunctionName=NAME, MaxItems=2)
    walk.ok("ListVersionsByFunction", "the next page", {"Versions": lambda it: [v["Version"] for v in it] == ["2"]}, FunctionName=NAME, MaxItems=2, Marker=page["NextMarker"])
    walk.refused("ListVersionsByFunction", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)

    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    alias = walk.ok("CreateAlias", "name, version, weights, revision id", {"AliasArn": ARN + ":live", "Name": "live", "FunctionVersion": "1", "RoutingConfig": weights, "RevisionId": UUID},
        FunctionName=NAME, Name="live", FunctionVersion="1", RoutingConfig=weights)
    walk.refused("CreateAlias", "ResourceConflictException", "the name is taken", "Alias already exists", FunctionName=NAME, Name="live", FunctionVersion="1")
    walk.refused("CreateAlias", "ResourceNotFoundException", "no such version", FunctionName=NAME, Name="other", FunctionVersion="17")
    walk.ok("GetAlias", "what was made", {"FunctionVersion": "1", "RoutingConfig": weights, "RevisionId": alias["RevisionId"]}, FunctionName=NAME, Name="live")
    walk.refused("GetAlias", "ResourceNotFoundException", "no such alias", "Cannot find alias arn", FunctionName=NAME, Name="other")
    walk.ok("UpdateAlias", "another version and no weights; the revision id is new", {"FunctionVersion": "2", "RoutingConfig": None, "RevisionId": lambda it: it != alias["RevisionId"]},
        FunctionName=NAME, Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
    walk.refused("UpdateAlias", "PreconditionFailedException", "an old revision id", FunctionName=NAME, Name="live", RevisionId=alias["RevisionId"])
    walk.ok("ListAliases", "those of a version", {"Aliases": lambda it: [a["Name"] for a in it] == ["live"]}, FunctionName=NAME, FunctionVersion="2")
    walk.ok("ListAliases", "none of another", {"Aliases": []}, FunctionName=NAME, FunctionVersion="1")
    walk.refused("ListAliases", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteFunction", "one version, by its qualifier", status=204, FunctionName=NAME, Qualifier="1")
    walk.refused("DeleteFunction", "ResourceConflictException", "a version that an alias names", FunctionName=NAME, Qualifier="2")
    walk.client.create_alias(FunctionName=NAME, Name="old", FunctionVersion="2")
    walk.ok("DeleteAlias", "it is gone", FunctionName=NAME, Name="old")
    walk.refused("GetAlias", "ResourceNotFoundException", "an alias that is gone", FunctionName=NAME, Name="old")
    walk.ok("DeleteAlias", "one that is gone already", FunctionName=NAME, Name="old")
    walk.refused("DeleteAlias", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, Name="old")
