"""Event source mappings: from making one to its end. What it does with messages is shown elsewhere."""
import time

import boto3

from functions import ARN, NAME, NOBODY, UUID
from walking import PREFIX, REGION

QUEUE = f"arn:aws:sqs:{REGION}:000000000000:walked"
NONE = "00000000-0000-0000-0000-000000000000"


def show(walk):
    sqs = boto3.client("sqs", endpoint_url=walk.endpoint, region_name=REGION)
    urls = [sqs.create_queue(QueueName="walked")["QueueUrl"], sqs.create_queue(QueueName="walked.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]]
    mine = {"EventSourceArn": QUEUE, "FunctionArn": ARN, "BatchSize": 5}
    made = walk.ok("CreateEventSourceMapping", "UUID, ARNs and defaults; `Creating`", {**mine, "UUID": UUID, "State": "Creating", "StateTransitionReason": "USER_INITIATED", "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": []}, FunctionName=NAME, EventSourceArn=QUEUE, BatchSize=5, Tags={"team": "blue"})
    uuid, arn = made["UUID"], PREFIX + "event-source-mapping:" + made["UUID"]
    walk.refused("CreateEventSourceMapping", "ResourceConflictException", "the same source and function", uuid, FunctionName=NAME, EventSourceArn=QUEUE)
    walk.refused("CreateEventSourceMapping", "InvalidParameterValueException", "a queue that is not there", "NonExistentQueue", FunctionName=NAME, EventSourceArn=QUEUE + "-none")
    walk.refused("CreateEventSourceMapping", "InvalidParameterValueException", "a window for a FIFO queue", "FIFO", FunctionName=NAME, EventSourceArn=QUEUE + ".fifo", MaximumBatchingWindowInSeconds=1)
    walk.refused("CreateEventSourceMapping", "InvalidParameterValueException", "what only streams have", "BisectBatchOnFunctionError", FunctionName=NAME, EventSourceArn=QUEUE + ".fifo", BisectBatchOnFunctionError=True)
    walk.refused("CreateEventSourceMapping", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, EventSourceArn=QUEUE)

    settled(walk, uuid, "Enabled")
    walk.ok("GetEventSourceMapping", "what was made, `Enabled`", {**mine, "State": "Enabled"}, UUID=uuid)
    assert walk.plain.call("GetEventSourceMapping", UUID=uuid)["EventSourceMappingArn"] == arn
    walk.refused("GetEventSourceMapping", "ResourceNotFoundException", "no such mapping", UUID=NONE)
    walk.ok("ListTags", "those of a mapping", {"Tags": {"team": "blue"}}, Resource=arn)
    walk.ok("ListEventSourceMappings", "those of a function and a source", {"EventSourceMappings": lambda it: [one["UUID"] for one in it] == [uuid]}, FunctionName=NAME, EventSourceArn=QUEUE)
    walk.refused("ListEventSourceMappings", "ValidationException", "a page of no items", MaxItems=0)

    pattern = {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}
    walk.ok("UpdateEventSourceMapping", "what was given is changed, the rest stays; `Updating`", {**mine, "State": "Updating", "FilterCriteria": pattern, "ScalingConfig": {"MaximumConcurrency": 2},
        "FunctionResponseTypes": ["ReportBatchItemFailures"]}, UUID=uuid, FilterCriteria=pattern, ScalingConfig={"MaximumConcurrency": 2}, FunctionResponseTypes=["ReportBatchItemFailures"])
    settled(walk, uuid, "Enabled")
    walk.ok("UpdateEventSourceMapping", "it is disabled; `Disabling`", {"State": "Disabling"}, UUID=uuid, Enabled=False)
    settled(walk, uuid, "Disabled")
    walk.refused("UpdateEventSourceMapping", "InvalidParameterValueException", "a pattern that is none", "Invalid filter pattern definition.", UUID=uuid, FilterCriteria={"Filters": [{"Pattern": "{"}]})
    walk.refused("UpdateEventSourceMapping", "ResourceNotFoundException", "no such mapping", UUID=NONE, BatchSize=2)

    walk.ok("DeleteEventSourceMapping", "what it was; `Deleting`", {**mine, "State": "Deleting"}, UUID=uuid)
    settled(walk, uuid, None)
    walk.refused("DeleteEventSourceMapping", "ResourceNotFoundException", "one that is gone", UUID=uuid)
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def settled(walk, uuid, state):
    """Waits for a change to be carried out: for a state, or for the mapping to be gone."""
    for _ in range(300):
        try:
            found = walk.client.get_event_source_mapping(UUID=uuid)["State"]
        except walk.client.exceptions.ResourceNotFoundException:
            found = None
        if found == state:
            return
        time.sleep(0.1)
    raise AssertionError(f"the mapping is {found}, not {state}")
