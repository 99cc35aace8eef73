"""Event buses, their policies, and tags."""
import json

BUS = "orders"
NOBODY = "nobody"


def show(walk):
    arn = walk.prefix + "event-bus/" + BUS
    walk.ok("CreateEventBus", "its ARN", {"EventBusArn": arn}, Name=BUS, Tags=[{"Key": "team", "Value": "shop"}])
    walk.refused("CreateEventBus", "ResourceAlreadyExistsException", "the name is taken", "Event bus orders already exists.", Name=BUS)
    walk.refused("CreateEventBus", "ResourceAlreadyExistsException", "`default`, which is there without being made", Name="default")
    walk.refused("CreateEventBus", "ValidationException", "a name with a slash", "must not contain '/'", Name="a/b")
    walk.ok("DescribeEventBus", "name and ARN", {"Name": BUS, "Arn": arn, "Policy": None}, Name=BUS)
    walk.ok("DescribeEventBus", "by its ARN", {"Name": BUS}, Name=arn)
    walk.ok("DescribeEventBus", "`default` without a name", {"Name": "default"})
    walk.refused("DescribeEventBus", "ResourceNotFoundException", "no such bus", "Event bus nobody does not exist.", Name=NOBODY)
    walk.ok("UpdateEventBus", "another description", {"Name": BUS, "Description": "of the shop"}, Name=BUS, Description="of the shop")
    walk.refused("UpdateEventBus", "ResourceNotFoundException", "no such bus", Name=NOBODY, Description="none")
    walk.ok("ListEventBuses", "`default` and what was made", {"EventBuses": lambda it: [bus["Name"] for bus in it] == ["default", BUS]})
    page = walk.ok("ListEventBuses", "a page", {"EventBuses": lambda it: [bus["Name"] for bus in it] == ["default"]}, Limit=1)
    walk.ok("ListEventBuses", "the next page", {"EventBuses": lambda it: [bus["Name"] for bus in it] == [BUS]}, Limit=1, NextToken=page["NextToken"])
    walk.refused("ListEventBuses", "ValidationException", "a token that was never given", NextToken="&")
    permissions(walk, arn)
    tags(walk, arn)


def permissions(walk, arn):
    def statements():
        return json.loads(walk.quiet("DescribeEventBus", Name=BUS).get("Policy") or '{"Statement": []}')["Statement"]

    walk.ok("PutPermission", "a statement for an account", EventBusName=BUS, Action="events:PutEvents", Principal="111111111111", StatementId="one")
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    walk.ok("PutPermission", "a statement for everybody of an organization", EventBusName=BUS, Action="events:PutEvents", Principal="*", StatementId="all", Condition=condition)
    walk.wrong("PutPermission", "the policy", None if statements() == [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "events:PutEvents", "Resource": arn},
        {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": arn, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}},
    ] else statements())
    walk.ok("DescribeEventBus", "its policy, in JSON", {"Policy": lambda it: len(json.loads(it)["Statement"]) == 2}, Name=BUS)
    walk.refused("PutPermission", "ValidationException", "another action", "Provided value in parameter 'action' is not supported.", EventBusName=BUS, Action="events:PutRule", Principal="*", StatementId="x")
    walk.refused("PutPermission", "ValidationException", "another condition", EventBusName=BUS, Action="events:PutEvents", Principal="*", StatementId="x", Condition={**condition, "Key": "aws:SourceIp"})
    walk.refused("PutPermission", "ResourceNotFoundException", "no such bus", EventBusName=NOBODY, Action="events:PutEvents", Principal="*", StatementId="x")
    walk.refused("RemovePermission", "ResourceNotFoundException", "no such statement", "Statement with the provided id does not exist.", EventBusName=BUS, StatementId="two")
    walk.ok("RemovePermission", "one statement", EventBusName=BUS, StatementId="one")
    walk.wrong("RemovePermission", "what is left", None if [statement["Sid"] for statement in statements()] == ["all"] else statements())
    whole = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "own", "Effect": "Allow", "Principal": "*", "Action": "events:*", "Resource": arn}]})
    walk.ok("PutPermission", "a whole policy in place of what there was", EventBusName=BUS, Policy=whole)
    walk.wrong("PutPermission", "the whole policy", None if [statement["Sid"] for statement in statements()] == ["own"] else statements())
    walk.refused("PutPermission", "PolicyLengthExceededException", "a policy of more than 10 KB", EventBusName=BUS, Policy=whole.replace("own", "o" * 10240))
    walk.ok("RemovePermission", "all of them", EventBusName=BUS, RemoveAllPermissions=True)
    walk.refused("RemovePermission", "ResourceNotFoundException", "there is no policy", "EventBus does not have a policy.", EventBusName=BUS, StatementId="own")


def tags(walk, arn):
    walk.ok("ListTagsForResource", "those that the bus was made with", {"Tags": [{"Key": "team", "Value": "shop"}]}, ResourceARN=arn)
    walk.ok("TagResource", "one more", ResourceARN=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    walk.ok("UntagResource", "one less", ResourceARN=arn, TagKeys=["team"])
    walk.ok("ListTagsForResource", "what is left", {"Tags": [{"Key": "stage", "Value": "dev"}]}, ResourceARN=arn)
    gone = walk.prefix + "event-bus/" + NOBODY
    for operation, params in {"ListTagsForResource": {}, "TagResource": {"Tags": [{"Key": "a", "Value": "b"}]}, "UntagResource": {"TagKeys": ["a"]}}.items():
        walk.refused(operation, "ResourceNotFoundException", "no such bus", ResourceARN=gone, **params)


def remove(walk):
    walk.ok("DeleteEventBus", "it is gone", Name=BUS)
    walk.refused("DeleteEventBus", "ValidationException", "`default`", "Cannot delete event bus default.", Name="default")
    walk.refused("DescribeEventBus", "ResourceNotFoundException", "a bus that is gone", Name=BUS)
