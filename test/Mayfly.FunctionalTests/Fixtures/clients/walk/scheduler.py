"""Walks through every operation of the EventBridge Scheduler API and prints a line of JSON for each: python3 scheduler.py <endpoint> <scheduler.json>"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from walking import REGION, ROLE, Walk

PREFIX = f"arn:aws:scheduler:{REGION}:000000000000:"
GROUP = PREFIX + "schedule-group/walk"
NO_GROUP = PREFIX + "schedule-group/nobody"
TARGET = {"Arn": f"arn:aws:lambda:{REGION}:000000000000:function:any", "RoleArn": ROLE}
OFF = {"Mode": "OFF"}
YEARLY = {"ScheduleExpression": "cron(0 0 1 1 ? *)", "FlexibleTimeWindow": OFF, "Target": TARGET}


def named(*names):
    return lambda it: [one["Name"] for one in it] == list(names)


def groups(walk):
    walk.ok("CreateScheduleGroup", "its ARN", {"ScheduleGroupArn": GROUP}, Name="walk", ClientToken="one", Tags=[{"Key": "team", "Value": "blue"}])
    walk.ok("CreateScheduleGroup", "the same request again makes nothing", {"ScheduleGroupArn": GROUP}, Name="walk", ClientToken="one", Tags=[{"Key": "team", "Value": "blue"}])
    walk.refused("CreateScheduleGroup", "ConflictException", "the name is taken", "Schedule group walk already exists.", Name="walk", ClientToken="two")
    walk.refused("CreateScheduleGroup", "ValidationException", "a name out of the model's pattern", "1 validation error detected", Name="not a name")
    walk.refused("CreateScheduleGroup", "ValidationException", "a tag of this server's with a value that is none", "once, skip or all", Name="other", Tags=[{"Key": "mayfly:missed", "Value": "often"}])
    walk.ok("GetScheduleGroup", "ARN, state and dates", {"Arn": GROUP, "Name": "walk", "State": "ACTIVE", "CreationDate": lambda it: it is not None}, Name="walk")
    walk.ok("GetScheduleGroup", "the group `default` is there", {"Arn": PREFIX + "schedule-group/default"}, Name="default")
    walk.refused("GetScheduleGroup", "ResourceNotFoundException", "no such group", "Schedule group nobody does not exist.", Name="nobody")
    page = walk.ok("ListScheduleGroups", "pages by `MaxResults` and `NextToken`", {"ScheduleGroups": named("default")}, MaxResults=1)
    walk.ok("ListScheduleGroups", "the next page", {"ScheduleGroups": named("walk"), "NextToken": None}, MaxResults=1, NextToken=page["NextToken"])
    walk.ok("ListScheduleGroups", "those of a prefix", {"ScheduleGroups": named("walk")}, NamePrefix="wa")
    walk.refused("ListScheduleGroups", "ValidationException", "a page of no items", MaxResults=0)


def tags(walk):
    walk.ok("ListTagsForResource", "those it was made with", {"Tags": [{"Key": "team", "Value": "blue"}]}, ResourceArn=GROUP)
    walk.refused("ListTagsForResource", "ResourceNotFoundException", "no such group", ResourceArn=NO_GROUP)
    walk.refused("ListTagsForResource", "ValidationException", "the ARN of a schedule, which has no tags", ResourceArn=PREFIX + "schedule/default/plain")
    walk.ok("TagResource", "one is added, one is replaced", ResourceArn=GROUP, Tags=[{"Key": "team", "Value": "red"}, {"Key": "mayfly:overlap", "Value": "skip"}])
    walk.refused("TagResource", "ResourceNotFoundException", "no such group", ResourceArn=NO_GROUP, Tags=[{"Key": "a", "Value": "b"}])
    walk.ok("UntagResource", "it is gone", ResourceArn=GROUP, TagKeys=["team", "none"])
    walk.ok("ListTagsForResource", "what is left", {"Tags": [{"Key": "mayfly:overlap", "Value": "skip"}]}, ResourceArn=GROUP)
    walk.refused("UntagResource", "ResourceNotFoundException", "no such group", ResourceArn=NO_GROUP, TagKeys=["a"])


def schedules(walk):
    arn = PREFIX + "schedule/default/plain"
    walk.ok("CreateSchedule", "its ARN", {"ScheduleArn": arn}, Name="plain", ClientToken="one", **YEARLY)
    walk.ok("CreateSchedule", "the same request again makes nothing", {"ScheduleArn": arn}, Name="plain", ClientToken="one", **YEARLY)
    walk.refused("CreateSchedule", "ConflictException", "the same token with something else", "Schedule plain already exists.", Name="plain", ClientToken="one", **{**YEARLY, "ScheduleExpression": "rate(1 day)"})
    walk.refused("CreateSchedule", "ConflictException", "the name is taken", Name="plain", **YEARLY)
    walk.refused("CreateSchedule", "ResourceNotFoundException", "no such group", "Schedule group nobody does not exist.", Name="other", GroupName="nobody", **YEARLY)
    for what, wrong, message in (
        ("an expression that is none", {"ScheduleExpression": "every day"}, "Invalid Schedule Expression every day"),
        ("a zone that is none", {"ScheduleExpressionTimezone": "Mars/Base"}, "Invalid ScheduleExpressionTimezone Mars/Base"),
        ("a window without its length", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes must be set"),
        ("a window of more than a day", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}}, "less than or equal to 1440"),
        ("a start that is past", {"StartDate": 1600000000}, "cannot be earlier than 5 minutes ago"),
        ("an end before the start", {"StartDate": 4000000000, "EndDate": 3900000000}, "must come after the StartDate"),
        ("a target that is not served, by name", {"Target": {**TARGET, "Arn": f"arn:aws:states:{REGION}:000000000000:stateMachine:any"}}, "stateMachine:any is not served"),
        ("a bus without `EventBridgeParameters`", {"Target": {**TARGET, "Arn": f"arn:aws:events:{REGION}:000000000000:event-bus/default"}}, "EventBridgeParameters must be specified"),
        ("an input that is no JSON", {"Target": {**TARGET, "Input": "{"}}, "not well-formed"),
    ):
        walk.refused("CreateSchedule", "ValidationException", what, message, Name="other", **{**YEARLY, **wrong})

    full = {
        "ScheduleExpression": "rate(2 hours)", "ScheduleExpressionTimezone": "Europe/Berlin", "StartDate": 4000000000, "EndDate": 4100000000, "State": "DISABLED", "Description": "all of it",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}, "ActionAfterCompletion": "DELETE",
        "Target": {**TARGET, "Input": '{"at":"<aws.scheduler.scheduled-time>"}', "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 120}, "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:000000000000:dead"}},
    }
    walk.ok("CreateSchedule", "with everything, in a group", {"ScheduleArn": PREFIX + "schedule/walk/full"}, Name="full", GroupName="walk", **full)
    shown = {**full, "StartDate": lambda it: it is not None, "EndDate": lambda it: it is not None}
    seen = walk.plain.call("GetSchedule", Name="full", GroupName="walk")
    assert (seen["StartDate"], seen["EndDate"], seen["ActionAfterCompletion"]) == (4000000000, 4100000000, "DELETE"), seen
    walk.ok("GetSchedule", "all that was given", {**{key: value for key, value in shown.items() if key != "ActionAfterCompletion"}, "GroupName": "walk"}, Name="full", GroupName="walk")
    walk.ok("GetSchedule", "the defaults: UTC, enabled, the whole retry policy", {"Arn": arn, "State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "FlexibleTimeWindow": OFF, "Target": {**TARGET, "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}}}, Name="plain")
    walk.refused("GetSchedule", "ResourceNotFoundException", "no such schedule", "Schedule nobody does not exist.", Name="nobody")
    walk.refused("GetSchedule", "ResourceNotFoundException", "one of another group", "Schedule full does not exist.", Name="full")

    walk.ok("CreateSchedule", "to a bus", Name="to-bus", **{**YEARLY, "Target": {**TARGET, "Arn": f"arn:aws:events:{REGION}:000000000000:event-bus/default", "EventBridgeParameters": {"DetailType": "t", "Source": "mine"}}})
    walk.ok("CreateSchedule", "to an operation: `lambda:invoke`", Name="to-invoke", **{**YEARLY, "Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": '{"FunctionName":"any"}'}})
    page = walk.ok("ListSchedules", "those of all groups, in pages", {"Schedules": named("plain", "to-bus")}, MaxResults=2)
    walk.ok("ListSchedules", "the next page", {"Schedules": named("to-invoke", "full"), "NextToken": None}, MaxResults=2, NextToken=page["NextToken"])
    walk.ok("ListSchedules", "those of a group", {"Schedules": named("full")}, GroupName="walk")
    walk.ok("ListSchedules", "those of a prefix and a state, with their targets", {"Schedules": lambda it: [(one["Name"], one["Target"]) for one in it] == [("plain", {"Arn": TARGET["Arn"]})]}, NamePrefix="pl", State="ENABLED")
    walk.refused("ListSchedules", "ResourceNotFoundException", "no such group", GroupName="nobody")

    walk.ok("UpdateSchedule", "all is replaced: what is not given is gone", {"ScheduleArn": PREFIX + "schedule/walk/full"}, Name="full", GroupName="walk", **YEARLY)
    assert "Description" not in walk.plain.call("GetSchedule", Name="full", GroupName="walk")
    walk.refused("UpdateSchedule", "ResourceNotFoundException", "no such schedule", Name="nobody", **YEARLY)
    walk.refused("UpdateSchedule", "ValidationException", "an expression that is none", Name="plain", **{**YEARLY, "ScheduleExpression": "cron(0 0 1 1 1 *)"})
    walk.ok("DeleteSchedule", "it is gone", Name="plain")
    walk.refused("DeleteSchedule", "ResourceNotFoundException", "one that is gone", Name="plain")


def remove(walk):
    walk.ok("DeleteScheduleGroup", "it is gone, and its schedules with it", Name="walk")
    walk.ok("ListSchedules", "none of the group that is gone", {"Schedules": named("to-bus", "to-invoke")})
    walk.refused("DeleteScheduleGroup", "ResourceNotFoundException", "one that is gone", Name="walk")
    walk.refused("DeleteScheduleGroup", "ValidationException", "the default group", Name="default")
    for name in ("to-bus", "to-invoke"):
        walk.client.delete_schedule(Name=name)


walk = Walk(*sys.argv[1:3], service="scheduler")
try:
    for show in (groups, tags, schedules, remove):
        show(walk)
finally:
    walk.report()
