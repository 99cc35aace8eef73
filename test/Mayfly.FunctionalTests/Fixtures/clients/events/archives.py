"""Archives, and replays of what they keep."""
import json

from buses import BUS

# 2026-01-01T00:00:00Z; an event each hour from then.
START = 1767225600
HOUR = 3600


def show(walk):
    source, arn = walk.prefix + "event-bus/" + BUS, walk.prefix + "archive/"
    walk.ok("CreateArchive", "what matches a pattern, for some days", {"ArchiveArn": arn + "some", "State": "ENABLED"}, ArchiveName="some", EventSourceArn=source, EventPattern='{"source": ["kept"], "detail": {"n": [{"numeric": ["<", 4]}]}}', RetentionDays=30)
    walk.ok("CreateArchive", "everything, for ever", {"ArchiveArn": arn + "all"}, ArchiveName="all", EventSourceArn=source)
    walk.refused("CreateArchive", "ResourceAlreadyExistsException", "the name is taken", "Archive some already exists.", ArchiveName="some", EventSourceArn=source)
    walk.refused("CreateArchive", "ResourceNotFoundException", "no such bus", ArchiveName="x", EventSourceArn=walk.prefix + "event-bus/nobody")
    walk.refused("CreateArchive", "InvalidEventPatternException", "a pattern that is none", ArchiveName="x", EventSourceArn=source, EventPattern='{"source": "x"}')
    walk.quiet("PutEvents", Entries=[{"EventBusName": BUS, "Source": "kept", "DetailType": "d", "Detail": json.dumps({"n": n}), "Time": START + n * HOUR} for n in range(6)])
    walk.ok("DescribeArchive", "settings, and how many events and bytes it keeps", {"EventSourceArn": source, "RetentionDays": 30, "State": "ENABLED", "EventCount": 4, "SizeBytes": lambda it: it > 400}, ArchiveName="some")
    walk.refused("DescribeArchive", "ResourceNotFoundException", "no such archive", "Archive nobody does not exist.", ArchiveName="nobody")
    walk.ok("UpdateArchive", "other days", {"ArchiveArn": arn + "some", "State": "ENABLED"}, ArchiveName="some", RetentionDays=0)
    walk.refused("UpdateArchive", "ResourceNotFoundException", "no such archive", ArchiveName="nobody", RetentionDays=1)
    walk.ok("ListArchives", "those of a bus", {"Archives": lambda it: [(one["ArchiveName"], one["EventCount"]) for one in it] == [("all", 6), ("some", 4)]}, EventSourceArn=source)
    walk.refused("ListArchives", "ValidationException", "two filters", "At most one filter is allowed for ListArchives.", NamePrefix="a", State="ENABLED")
    replays(walk, source, arn)
    walk.refused("DeleteEventBus", "ValidationException", "it has archives", Name=BUS)
    walk.ok("DeleteArchive", "it is gone, with what it keeps", ArchiveName="some")
    walk.refused("DeleteArchive", "ResourceNotFoundException", "one that is gone", ArchiveName="some")
    walk.quiet("DeleteArchive", ArchiveName="all")


def replays(walk, source, arn):
    key = next(one["ConnectionArn"] for one in walk.quiet("ListConnections")["Connections"] if one["Name"] == "key")
    hook = walk.quiet("CreateApiDestination", Name="replayed", ConnectionArn=key, InvocationEndpoint=walk.receiver.url + "/replayed/*", HttpMethod="POST")["ApiDestinationArn"]
    for rule in ("wanted", "other"):
        walk.quiet("PutRule", Name=rule, EventBusName=BUS, EventPattern='{"source": ["kept"]}')
        walk.quiet("PutTargets", Rule=rule, EventBusName=BUS, Targets=[{"Id": "1", "Arn": hook, "HttpParameters": {"PathParameterValues": [rule]}}])
    destination = {"Arn": source, "FilterArns": [f"{walk.prefix}rule/{BUS}/wanted"]}
    span = {"EventStartTime": START + HOUR, "EventEndTime": START + 3 * HOUR}
    walk.ok("StartReplay", "a span of an archive, to one rule", {"ReplayArn": walk.prefix + "replay/again", "State": "STARTING"}, ReplayName="again", EventSourceArn=arn + "some", Destination=destination, **span)
    walk.until("StartReplay", "`COMPLETED` when everything was sent", lambda: walk.quiet("DescribeReplay", ReplayName="again")["State"] == "COMPLETED")
    got = walk.until("StartReplay", "the events from start to before the end, with their ids and times and the replay's name", lambda: len(walk.receiver.at("/replayed/wanted")) >= 2 and walk.receiver.at("/replayed/"))
    bodies = sorted((json.loads(one["body"]) for one in got), key=lambda body: body["time"])
    seen = [(body["time"], body["detail"]["n"], body["replay-name"]) for body in bodies]
    walk.wrong("StartReplay", "the events", None if seen == [("2026-01-01T01:00:00Z", 1, "again"), ("2026-01-01T02:00:00Z", 2, "again")] else seen)
    walk.refused("StartReplay", "ResourceAlreadyExistsException", "the name is taken", "Replay again already exists.", ReplayName="again", EventSourceArn=arn + "some", Destination=destination, **span)
    walk.refused("StartReplay", "ValidationException", "an end that is not after the start", "EventStartTime must be before EventEndTime.", ReplayName="x", EventSourceArn=arn + "some", Destination=destination, EventStartTime=START, EventEndTime=START)
    walk.refused("StartReplay", "ValidationException", "another bus than the archive's", "Cross event bus replay is not permitted.", ReplayName="x", EventSourceArn=arn + "some", Destination={"Arn": walk.prefix + "event-bus/default"}, **span)
    walk.refused("StartReplay", "ValidationException", "no such archive", "Archive nobody does not exist.", ReplayName="x", EventSourceArn=arn + "nobody", Destination=destination, **span)
    walk.ok("DescribeReplay", "how far it came", {"State": "COMPLETED", "EventSourceArn": arn + "some", "Destination": destination, "EventLastReplayedTime": lambda it: it is not None, "ReplayEndTime": lambda it: it is not None}, ReplayName="again")
    walk.refused("DescribeReplay", "ResourceNotFoundException", "no such replay", "Replay nobody does not exist.", ReplayName="nobody")
    walk.ok("ListReplays", "those in a state", {"Replays": lambda it: [one["ReplayName"] for one in it] == ["again"]}, State="COMPLETED")
    walk.refused("ListReplays", "ValidationException", "two filters", "At most one filter is allowed for ListReplays.", NamePrefix="a", State="COMPLETED")
    walk.refused("CancelReplay", "IllegalStatusException", "it has ended", "Replay again is not in a valid state for this operation.", ReplayName="again")
    walk.refused("CancelReplay", "ResourceNotFoundException", "no such replay", ReplayName="nobody")
    cancel(walk, source, arn)
    walk.wrong("DescribeArchive", "what replays sent is not kept again", None if walk.quiet("DescribeArchive", ArchiveName="some")["EventCount"] == 4 else "more")
    for rule in ("wanted", "other"):
        walk.quiet("RemoveTargets", Rule=rule, EventBusName=BUS, Ids=["1"])
        walk.quiet("DeleteRule", Name=rule, EventBusName=BUS)


def cancel(walk, source, arn):
    """An archive of more than a replay sends at once."""
    for rule in ("wanted", "other"):
        walk.quiet("DisableRule", Name=rule, EventBusName=BUS)
    for n in range(150):
        walk.quiet("PutEvents", Entries=[{"EventBusName": BUS, "Source": "many", "DetailType": "d", "Detail": "{}", "Time": START}] * 10)
    for attempt in range(20):
        name = f"long-{attempt}"
        walk.quiet("StartReplay", ReplayName=name, EventSourceArn=arn + "all", Destination={"Arn": source}, EventStartTime=START - 1, EventEndTime=START + HOUR)
        try:
            walk.quiet("CancelReplay", ReplayName=name)
            break
        except Exception as error:
            # It was over before it was cancelled.
            if "valid state" not in str(error):
                raise
    walk.check("CancelReplay", "`CANCELLED` before everything was sent", None)
    walk.until("CancelReplay", "cancelled", lambda: walk.quiet("DescribeReplay", ReplayName=name)["State"] == "CANCELLED", show=False)
