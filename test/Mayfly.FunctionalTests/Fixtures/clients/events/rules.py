"""Rules, their targets, and events that are sent."""
import json

from buses import BUS, NOBODY

RULE = "big"


def show(walk):
    arn = f"{walk.prefix}rule/{BUS}/{RULE}"
    pattern = json.dumps({"source": ["shop"], "detail": {"price": [{"numeric": [">", 100]}]}})
    walk.ok("PutRule", "a pattern on a bus", {"RuleArn": arn}, Name=RULE, EventBusName=BUS, EventPattern=pattern)
    walk.ok("PutRule", "a schedule on the default bus", {"RuleArn": walk.prefix + "rule/daily"}, Name="daily", ScheduleExpression="cron(0 12 * * ? *)", State="DISABLED")
    walk.refused("PutRule", "InvalidEventPatternException", "a pattern that is none", "Event pattern is not valid.", Name="x", EventPattern='{"source": "shop"}')
    walk.refused("PutRule", "ValidationException", "a schedule that is none", "Parameter ScheduleExpression is not valid.", Name="x", ScheduleExpression="rate(5 minute)")
    walk.refused("PutRule", "ValidationException", "a schedule on another bus", "only on the default event bus", Name="x", EventBusName=BUS, ScheduleExpression="rate(5 minutes)")
    walk.refused("PutRule", "ValidationException", "neither pattern nor schedule", Name="x")
    walk.refused("PutRule", "ResourceNotFoundException", "no such bus", Name="x", EventBusName=NOBODY, EventPattern=pattern)
    walk.ok("DescribeRule", "what was put", {"Arn": arn, "EventPattern": pattern, "State": "ENABLED", "EventBusName": BUS}, Name=RULE, EventBusName=BUS)
    walk.refused("DescribeRule", "ResourceNotFoundException", "no such rule", f"Rule x does not exist on EventBus {BUS}.", Name="x", EventBusName=BUS)
    walk.ok("DisableRule", "it wants nothing", Name=RULE, EventBusName=BUS)
    walk.ok("DescribeRule", "its state", {"State": "DISABLED"}, Name=RULE, EventBusName=BUS)
    walk.ok("EnableRule", "it wants events again", Name=RULE, EventBusName=BUS)
    for operation in ("EnableRule", "DisableRule"):
        walk.refused(operation, "ResourceNotFoundException", "no such rule", Name="x", EventBusName=BUS)
    walk.ok("ListRules", "those of a bus", {"Rules": lambda it: [rule["Name"] for rule in it] == [RULE]}, EventBusName=BUS)
    walk.ok("ListRules", "those whose names begin so", {"Rules": lambda it: [rule["Name"] for rule in it] == ["daily"]}, NamePrefix="da")
    walk.refused("ListRules", "ResourceNotFoundException", "no such bus", EventBusName=NOBODY)
    targets(walk)


def targets(walk):
    function = walk.function + "f"
    letter = walk.prefix + "event-bus/default"
    whole = {"Id": "1", "Arn": function, "InputPath": "$.detail", "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}, "DeadLetterConfig": {"Arn": letter}}
    walk.ok("PutTargets", "a function, with retries and a dead-letter target", {"FailedEntryCount": 0}, Rule=RULE, EventBusName=BUS, Targets=[whole])
    walk.ok("PutTargets", "a log group and another bus", {"FailedEntryCount": 0}, Rule=RULE, EventBusName=BUS, Targets=[
        {"Id": "2", "Arn": f"arn:aws:logs:{walk.region}:000000000000:log-group:/aws/events/{walk.region}"}, {"Id": "3", "Arn": letter}])
    walk.refused("PutTargets", "ValidationException", "a kind of target that is not served", "is not valid", Rule=RULE, EventBusName=BUS, Targets=[{"Id": "4", "Arn": "arn:aws:kinesis:eu-north-1:000000000000:stream/q"}])
    walk.refused("PutTargets", "ValidationException", "a template that names nothing", "Invalid InputTemplate for target 4", Rule=RULE, EventBusName=BUS,
        Targets=[{"Id": "4", "Arn": function, "InputTransformer": {"InputTemplate": '"<x>"'}}])
    walk.refused("PutTargets", "ValidationException", "two forms of input at once", Rule=RULE, EventBusName=BUS, Targets=[{"Id": "4", "Arn": function, "Input": "1", "InputPath": "$"}])
    walk.refused("PutTargets", "ValidationException", "a dead-letter target that is no ARN", Rule=RULE, EventBusName=BUS, Targets=[{"Id": "4", "Arn": function, "DeadLetterConfig": {"Arn": "q"}}])
    walk.refused("PutTargets", "LimitExceededException", "a sixth target", Rule=RULE, EventBusName=BUS, Targets=[{"Id": str(n), "Arn": function} for n in range(4, 7)])
    walk.refused("PutTargets", "ResourceNotFoundException", "no such rule", Rule="x", EventBusName=BUS, Targets=[whole])
    walk.ok("ListTargetsByRule", "as they were put", {"Targets": lambda it: it[0] == whole and len(it) == 3}, Rule=RULE, EventBusName=BUS)
    walk.refused("ListTargetsByRule", "ResourceNotFoundException", "no such rule", Rule="x", EventBusName=BUS)
    walk.ok("ListRuleNamesByTarget", "the rules that send there", {"RuleNames": [RULE]}, TargetArn=function, EventBusName=BUS)
    walk.refused("ListRuleNamesByTarget", "ResourceNotFoundException", "no such bus", TargetArn=function, EventBusName=NOBODY)
    walk.ok("RemoveTargets", "they are gone", {"FailedEntryCount": 0}, Rule=RULE, EventBusName=BUS, Ids=["1", "3"])
    walk.refused("RemoveTargets", "ResourceNotFoundException", "no such rule", Rule="x", EventBusName=BUS, Ids=["1"])

    entry = {"EventBusName": BUS, "Source": "shop", "DetailType": "Order", "Detail": '{"price": 101}'}
    walk.ok("PutEvents", "each entry has an id or an error of its own", {"FailedEntryCount": 2, "Entries": lambda it: [one.get("ErrorCode") for one in it] == [None, "MalformedDetail", "NotAuthorizedForSourceException"]},
        Entries=[entry, {**entry, "Detail": "none"}, {**entry, "Source": "aws.mine"}])
    walk.refused("PutEvents", "ValidationException", "more than 1 MiB", "over the limit", Entries=[{**entry, "Detail": json.dumps({"text": "x" * 600_000})}] * 2)


def remove(walk):
    walk.refused("DeleteRule", "ValidationException", "it has targets", "Rule can't be deleted since it has targets.", Name=RULE, EventBusName=BUS)
    walk.refused("DeleteEventBus", "ValidationException", "it has rules", "Event bus can't be deleted since it has rules.", Name=BUS)
    walk.quiet("RemoveTargets", Rule=RULE, EventBusName=BUS, Ids=["2"])
    walk.ok("DeleteRule", "it is gone", Name=RULE, EventBusName=BUS)
    walk.ok("DeleteRule", "one that is gone already", Name=RULE, EventBusName=BUS)
    walk.quiet("DeleteRule", Name="daily")
