"""Connections, API destinations, and events that reach them in every form."""
import base64
import json

from buses import BUS
from walking import UUID

FORMS = {
    "InputPath": ({"InputPath": "$.detail"}, {"id": "o-1", "price": 7}),
    "Input": ({"Input": '{"fixed": true}'}, {"fixed": True}),
    "InputTransformer": (
        {"InputTransformer": {"InputPathsMap": {"p": "$.detail.price", "s": "$.source"}, "InputTemplate": '{"price": <p>, "text": "<s> asks <p>", "rule": <aws.events.rule-name>}'}},
        {"price": 7, "text": "form asks 7", "rule": "forms"},
    ),
}


def show(walk):
    basic = connections(walk)
    arn = destinations(walk, basic)
    forms(walk, arn)
    outcomes(walk, basic)
    remove(walk)


def connections(walk):
    def arn(name):
        return lambda it: it.startswith(f"{walk.prefix}connection/{name}/") and UUID.fullmatch(it.split("/")[2])

    more = {"HeaderParameters": [{"Key": "X-Shared", "Value": "header", "IsValueSecret": True}], "QueryStringParameters": [{"Key": "shared", "Value": "query", "IsValueSecret": False}], "BodyParameters": []}
    made = walk.ok("CreateConnection", "user and password", {"ConnectionArn": arn("basic"), "ConnectionState": "AUTHORIZED"}, Name="basic", AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "me", "Password": "pass-1"}, "InvocationHttpParameters": more})
    walk.ok("CreateConnection", "an API key", {"ConnectionState": "AUTHORIZED"}, Name="key", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "key-1"}})
    oauth = {"ClientParameters": {"ClientID": "client", "ClientSecret": "secret-1"}, "AuthorizationEndpoint": walk.receiver.url + "/token", "HttpMethod": "POST",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": False}]}}
    walk.ok("CreateConnection", "a client's credentials; a token is fetched at once", {"ConnectionState": "AUTHORIZING"}, Name="oauth", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters={"OAuthParameters": oauth})
    walk.until("CreateConnection", "authorized with its first token", lambda: walk.quiet("DescribeConnection", Name="oauth")["ConnectionState"] == "AUTHORIZED")
    asked = walk.receiver.at("/token")[0]
    walk.wrong("CreateConnection", "the token's request", None if asked["body"] == "grant_type=client_credentials&client_id=client&client_secret=secret-1&scope=all" else asked)
    walk.refused("CreateConnection", "ResourceAlreadyExistsException", "the name is taken", Name="basic", AuthorizationType="BASIC", AuthParameters={"BasicAuthParameters": {"Username": "me", "Password": "x"}})
    walk.refused("CreateConnection", "ValidationException", "parameters of another type", "needs BasicAuthParameters.Username", Name="other", AuthorizationType="BASIC",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "key-1"}})
    walk.ok("DescribeConnection", "everything but what is secret", {"Name": "basic", "AuthorizationType": "BASIC", "AuthParameters": lambda it: it == {
        "BasicAuthParameters": {"Username": "me"}, "InvocationHttpParameters": {**more, "HeaderParameters": [{"Key": "X-Shared", "IsValueSecret": True}]}}}, Name="basic")
    walk.refused("DescribeConnection", "ResourceNotFoundException", "no such connection", "Connection 'nobody' does not exist.", Name="nobody")
    walk.ok("UpdateConnection", "a part of the parameters; the rest stays", {"ConnectionArn": made["ConnectionArn"]}, Name="basic", AuthParameters={"BasicAuthParameters": {"Username": "me", "Password": "pass-2"}})
    walk.refused("UpdateConnection", "ResourceNotFoundException", "no such connection", Name="nobody", Description="none")
    walk.ok("ListConnections", "all", {"Connections": lambda it: [one["Name"] for one in it] == ["basic", "key", "oauth"]})
    walk.ok("ListConnections", "those in a state", {"Connections": []}, ConnectionState="DEAUTHORIZED")
    walk.refused("ListConnections", "ValidationException", "a token that was never given", NextToken="&")
    return made["ConnectionArn"]


def destinations(walk, connection):
    url = walk.receiver.url
    made = walk.ok("CreateApiDestination", "an endpoint with a wildcard", {"ApiDestinationState": "ACTIVE", "ApiDestinationArn": lambda it: it.startswith(walk.prefix + "api-destination/hook/")},
        Name="hook", ConnectionArn=connection, InvocationEndpoint=url + "/hook/*", HttpMethod="POST", InvocationRateLimitPerSecond=50)
    walk.refused("CreateApiDestination", "ResourceAlreadyExistsException", "the name is taken", Name="hook", ConnectionArn=connection, InvocationEndpoint=url, HttpMethod="POST")
    walk.refused("CreateApiDestination", "ResourceNotFoundException", "no such connection", "Connection 'nobody' does not exist.", Name="x", ConnectionArn=walk.prefix + "connection/nobody/0", InvocationEndpoint=url, HttpMethod="POST")
    walk.refused("CreateApiDestination", "ValidationException", "an endpoint that is no URL of HTTP", Name="x", ConnectionArn=connection, InvocationEndpoint="ftp://example.org/", HttpMethod="POST")
    walk.ok("DescribeApiDestination", "what was made", {"InvocationEndpoint": url + "/hook/*", "HttpMethod": "POST", "InvocationRateLimitPerSecond": 50, "ConnectionArn": connection}, Name="hook")
    walk.refused("DescribeApiDestination", "ResourceNotFoundException", "no such destination", "An api-destination 'nobody' does not exist.", Name="nobody")
    walk.ok("UpdateApiDestination", "another limit", {"ApiDestinationArn": made["ApiDestinationArn"]}, Name="hook", InvocationRateLimitPerSecond=100)
    walk.refused("UpdateApiDestination", "ResourceNotFoundException", "no such destination", Name="nobody", Description="none")
    walk.ok("ListApiDestinations", "those of a connection", {"ApiDestinations": lambda it: [(one["Name"], one["InvocationRateLimitPerSecond"]) for one in it] == [("hook", 100)]}, ConnectionArn=connection)
    walk.refused("ListApiDestinations", "ValidationException", "a token that was never given", NextToken="&")
    return made["ApiDestinationArn"]


def forms(walk, arn):
    """One rule with each form of input, received over HTTP."""
    walk.quiet("PutRule", Name="forms", EventBusName=BUS, EventPattern='{"source": ["form"]}')
    targets = [{"Id": name, "Arn": arn, "HttpParameters": {"PathParameterValues": [name], "HeaderParameters": {"X-Order": "$.detail.id"}, "QueryStringParameters": {"own": "a b"}}, **form} for name, (form, _) in FORMS.items()]
    whole = {"Id": "whole", "Arn": arn, "HttpParameters": {"PathParameterValues": ["whole"]}}
    walk.ok("PutTargets", "an API destination, with path, header and query values", {"FailedEntryCount": 0}, Rule="forms", EventBusName=BUS, Targets=[*targets, whole])
    sent = walk.quiet("PutEvents", Entries=[{"EventBusName": BUS, "Source": "form", "DetailType": "Order", "Detail": '{"id": "o-1", "price": 7}', "Resources": ["r"], "Time": 1767225600}])
    for name, (_, expected) in FORMS.items():
        got = walk.until("PutEvents", f"`{name}`, received over HTTP", lambda: walk.receiver.at(f"/hook/{name}?"))[0]
        walk.wrong("PutEvents", name, None if json.loads(got["body"]) == expected else got["body"])
        walk.wrong("PutEvents", name, None if got["path"] == f"/hook/{name}?own=a%20b&shared=query" else got["path"])
        headers = {"authorization": "Basic " + base64.b64encode(b"me:pass-2").decode(), "x-shared": "header", "x-order": "o-1", "content-type": "application/json; charset=utf-8"}
        walk.wrong("PutEvents", name, None if headers.items() <= got["headers"].items() else got["headers"])
    got = json.loads(walk.until("PutEvents", "the whole event, received over HTTP", lambda: walk.receiver.at("/hook/whole?"))[0]["body"])
    expected = {"version": "0", "id": sent["Entries"][0]["EventId"], "detail-type": "Order", "source": "form", "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": walk.region, "resources": ["r"], "detail": {"id": "o-1", "price": 7}}
    walk.wrong("PutEvents", "the whole event", None if got == expected else got)


def outcomes(walk, connection):
    """What answers lead to, and the other ways of authorization."""
    arns = {one["Name"]: one["ConnectionArn"] for one in walk.quiet("ListConnections")["Connections"]}
    walk.quiet("PutRule", Name="letters", EventPattern='{"source": ["mayfly"], "detail-type": ["Dead Letter"]}')
    for name, path, authorization in (("letter", "/letter", "key"), ("again", "/503/again", "key"), ("refused", "/404/refused", "oauth")):
        made = walk.quiet("CreateApiDestination", Name=name, ConnectionArn=arns[authorization], InvocationEndpoint=walk.receiver.url + path, HttpMethod="PUT")["ApiDestinationArn"]
        if name == "letter":
            walk.quiet("PutTargets", Rule="letters", Targets=[{"Id": "1", "Arn": made}])
        else:
            walk.quiet("PutRule", Name=name, EventBusName=BUS, EventPattern=json.dumps({"source": [name]}))
            walk.quiet("PutTargets", Rule=name, EventBusName=BUS, Targets=[{"Id": "1", "Arn": made, "DeadLetterConfig": {"Arn": walk.prefix + "event-bus/default"}, "RetryPolicy": {"MaximumRetryAttempts": 2}}])
            walk.quiet("PutEvents", Entries=[{"EventBusName": BUS, "Source": name, "DetailType": "d", "Detail": "{}"}])
    tried = walk.until("PutTargets", "after 503 the request is made again, not before `Retry-After`", lambda: len(walk.receiver.at("/503/again")) == 2 and walk.receiver.at("/503/again"))
    walk.wrong("PutTargets", "the API key", None if {one["headers"].get("x-api-key") for one in tried} == {"key-1"} else tried)
    letter = json.loads(walk.until("PutTargets", "after 404 the event goes to the dead-letter target", lambda: walk.receiver.at("/letter"))[0]["body"])["detail"]
    walk.wrong("PutTargets", "the dead letter", None if letter["payload"]["source"] == "refused" and letter["attributes"]["ERROR_CODE"] == "404" else letter)
    refused = walk.receiver.at("/404/refused")
    walk.wrong("PutTargets", "the token", None if [one["headers"].get("authorization") for one in refused] == ["Bearer token-1"] and len(walk.receiver.at("/token")) == 1 else refused)


def remove(walk):
    walk.ok("DeauthorizeConnection", "its secrets are gone", {"ConnectionState": "DEAUTHORIZED"}, Name="basic")
    walk.ok("DescribeApiDestination", "it waits for another connection", {"ApiDestinationState": "INACTIVE"}, Name="hook")
    walk.refused("DeauthorizeConnection", "ResourceNotFoundException", "no such connection", Name="nobody")
    walk.quiet("RemoveTargets", Rule="forms", EventBusName=BUS, Ids=[*FORMS, "whole"])
    walk.quiet("RemoveTargets", Rule="letters", Ids=["1"])
    walk.quiet("DeleteRule", Name="letters")
    for rule in ("again", "refused"):
        walk.quiet("RemoveTargets", Rule=rule, EventBusName=BUS, Ids=["1"])
    for rule in ("again", "refused", "forms"):
        walk.quiet("DeleteRule", Name=rule, EventBusName=BUS)
    walk.ok("DeleteApiDestination", "it is gone", Name="hook")
    walk.refused("DeleteApiDestination", "ResourceNotFoundException", "one that is gone", Name="hook")
    walk.ok("DeleteConnection", "it is gone", {"ConnectionState": "DELETING"}, Name="basic")
    walk.refused("DeleteConnection", "ResourceNotFoundException", "one that is gone", Name="basic")
