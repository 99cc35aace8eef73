"""FIFO queues."""
import re

from messages import one, receive
from queues import attributes, url

NAME = "lines.fifo"
SEQUENCE = re.compile("[0-9]{20}")


def show(walk):
    queue = url(walk, NAME)
    walk.ok("CreateQueue", "a FIFO queue", {"QueueUrl": queue}, QueueName=NAME, Attributes={"FifoQueue": "true"})
    walk.refused("CreateQueue", "InvalidParameterValue", "a FIFO queue without .fifo", "must end with .fifo suffix", QueueName="lines", Attributes={"FifoQueue": "true"})
    walk.refused("CreateQueue", "InvalidParameterValue", ".fifo without FifoQueue", QueueName="x.fifo")
    shown = {"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}
    walk.check("GetQueueAttributes", "those of a FIFO queue", None if attributes(walk, queue, *shown) == shown else attributes(walk, queue))
    walk.refused("SetQueueAttributes", "InvalidAttributeValue", "throughput for each group without deduplication for each", QueueUrl=queue, Attributes={"FifoThroughputLimit": "perMessageGroupId"})
    first = walk.ok("SendMessage", "a number in the order of a FIFO queue", {"SequenceNumber": SEQUENCE}, QueueUrl=queue, MessageBody="1", MessageGroupId="a", MessageDeduplicationId="d1")
    again = walk.ok("SendMessage", "a second time, it is the first one", {"MessageId": first["MessageId"], "SequenceNumber": first["SequenceNumber"]}, QueueUrl=queue, MessageBody="1", MessageGroupId="a", MessageDeduplicationId="d1")
    walk.wrong("SendMessage", "the first one", None if again["MessageId"] == first["MessageId"] else again)
    walk.refused("SendMessage", "MissingParameter", "no group", "The request must contain the parameter MessageGroupId.", QueueUrl=queue, MessageBody="x", MessageDeduplicationId="d")
    walk.refused("SendMessage", "InvalidParameterValue", "neither a deduplication id nor one by content", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly", QueueUrl=queue, MessageBody="x", MessageGroupId="a")
    walk.refused("SendMessage", "InvalidParameterValue", "a delay of one message of a FIFO queue", "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.", QueueUrl=queue, MessageBody="x", MessageGroupId="a", MessageDeduplicationId="d", DelaySeconds=2)
    walk.refused("SendMessage", "InvalidParameterValue", "a group with a space", "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.", QueueUrl=queue, MessageBody="x", MessageGroupId="a b", MessageDeduplicationId="d")
    walk.ok("SendMessageBatch", "to a FIFO queue", {"Successful": lambda it: [bool(SEQUENCE.fullmatch(entry["SequenceNumber"])) for entry in it] == [True] * 3}, QueueUrl=queue, Entries=[
        {"Id": str(n), "MessageBody": str(n), "MessageGroupId": group, "MessageDeduplicationId": f"d{n}"} for n, group in ((2, "a"), (3, "b"), (4, "a"))])
    walk.refused("SendMessageBatch", "MissingParameter", "no group", QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "x", "MessageDeduplicationId": "d"}])
    message = one(walk, queue, AttributeNames=["All"])
    walk.check("ReceiveMessage", "the first of a group", None if (message["Body"], message["Attributes"]["MessageGroupId"], message["Attributes"]["MessageDeduplicationId"], message["Attributes"]["SequenceNumber"]) == ("1", "a", "d1", first["SequenceNumber"]) else message)
    others = receive(walk, queue, MaxNumberOfMessages=10)
    walk.check("ReceiveMessage", "other groups, while one of a group is in flight", None if [other["Body"] for other in others] == ["3"] else others)
    walk.quiet("DeleteMessage", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    rest = receive(walk, queue, MaxNumberOfMessages=10)
    walk.check("ReceiveMessage", "the rest of the group, in order", None if [other["Body"] for other in rest] == ["2", "4"] else rest)
    walk.quiet("ChangeMessageVisibility", QueueUrl=queue, ReceiptHandle=rest[0]["ReceiptHandle"], VisibilityTimeout=0)
    walk.refused("DeleteMessage", "InvalidParameterValue", "FIFO: a handle of before the message was visible again", "Reason: The receipt handle has expired.", QueueUrl=queue, ReceiptHandle=rest[0]["ReceiptHandle"])
    walk.quiet("SetQueueAttributes", QueueUrl=queue, Attributes={"ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"})
    walk.ok("SendMessage", "deduplication by content", {"SequenceNumber": SEQUENCE}, QueueUrl=queue, MessageBody="x", MessageGroupId="c")
    walk.quiet("DeleteQueue", QueueUrl=queue)
