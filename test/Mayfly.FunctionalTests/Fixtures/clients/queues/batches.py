"""Up to ten messages at once."""
from messages import MOST, UUID, md5, receive
from queues import NONE, url

NAME = "batches"
PREFIX = "AWS.SimpleQueueService."


def ids(entries):
    return sorted(entry["Id"] for entry in entries or [])


def failed(**codes):
    return lambda it: {entry["Id"]: entry["Code"] for entry in it} == codes and all(entry["SenderFault"] and entry["Message"] for entry in it)


def show(walk):
    queue = walk.quiet("CreateQueue", QueueName=NAME)["QueueUrl"]
    walk.ok("SendMessageBatch", "ids and digests", {"Successful": lambda it: ids(it) == ["a", "b"] and all(UUID.fullmatch(entry["MessageId"]) for entry in it) and {entry["MD5OfMessageBody"] for entry in it} == {md5("1"), md5("2")}, "Failed": None},
            QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}])
    walk.ok("SendMessageBatch", "what is wrong with one is told of that one", {"Successful": lambda it: ids(it) == ["good"], "Failed": failed(delay="InvalidParameterValue", control="InvalidMessageContents")}, QueueUrl=queue, Entries=[
        {"Id": "good", "MessageBody": "3"}, {"Id": "delay", "MessageBody": "x", "DelaySeconds": 901}, {"Id": "control", "MessageBody": "\x02"}])
    walk.ok("SendMessageBatch", "1 MiB", {"Successful": lambda it: ids(it) == ["a", "b"]}, QueueUrl=walk.quiet("CreateQueue", QueueName="large")["QueueUrl"], Entries=[{"Id": id, "MessageBody": "x" * (MOST // 2)} for id in "ab"])
    walk.quiet("SetQueueAttributes", QueueUrl=url(walk, "large"), Attributes={"MaximumMessageSize": "1024"})
    walk.ok("SendMessageBatch", "one that is larger than the queue takes", {"Successful": lambda it: ids(it) == ["b", "c"], "Failed": failed(a="InvalidParameterValue")}, QueueUrl=url(walk, "large"), Entries=[{"Id": id, "MessageBody": "x" * size} for id, size in {"a": 1025, "b": 1024, "c": 1024}.items()])
    walk.quiet("DeleteQueue", QueueUrl=url(walk, "large"))
    walk.refused("SendMessageBatch", PREFIX + "BatchRequestTooLong", "1 MiB and a byte", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.", QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "x" * MOST}, {"Id": "b", "MessageBody": "x"}])
    for operation, entry in {"SendMessageBatch": {"MessageBody": "x"}, "DeleteMessageBatch": {"ReceiptHandle": "x"}, "ChangeMessageVisibilityBatch": {"ReceiptHandle": "x", "VisibilityTimeout": 0}}.items():
        walk.refused(operation, PREFIX + "EmptyBatchRequest", "no entries", f"There should be at least one {operation}RequestEntry in the request.", QueueUrl=queue, Entries=[])
        walk.refused(operation, PREFIX + "TooManyEntriesInBatchRequest", "eleven entries", "Maximum number of entries per request are 10. You have sent 11.", QueueUrl=queue, Entries=[{"Id": str(n), **entry} for n in range(11)])
        walk.refused(operation, PREFIX + "BatchEntryIdsNotDistinct", "an id twice", "Id a repeated.", QueueUrl=queue, Entries=[{"Id": "a", **entry}] * 2)
        walk.refused(operation, PREFIX + "InvalidBatchEntryId", "an id with a space", "A batch entry id can only contain alphanumeric characters, hyphens and underscores.", QueueUrl=queue, Entries=[{"Id": "a b", **entry}])
        walk.refused(operation, NONE, "no such queue", QueueUrl=url(walk, "nobody"), Entries=[{"Id": "a", **entry}])
    handles = []
    while len(handles) < 3:
        handles += [message["ReceiptHandle"] for message in receive(walk, queue, MaxNumberOfMessages=10)]
    walk.ok("ChangeMessageVisibilityBatch", "each of its own", {"Successful": lambda it: ids(it) == ["a", "b"], "Failed": failed(c="ReceiptHandleIsInvalid", d="InvalidParameterValue")}, QueueUrl=queue, Entries=[
        {"Id": "a", "ReceiptHandle": handles[0], "VisibilityTimeout": 60}, {"Id": "b", "ReceiptHandle": handles[1], "VisibilityTimeout": 600}, {"Id": "c", "ReceiptHandle": "x", "VisibilityTimeout": 1}, {"Id": "d", "ReceiptHandle": handles[2], "VisibilityTimeout": 43201}])
    walk.ok("DeleteMessageBatch", "each of its own", {"Successful": lambda it: ids(it) == ["a", "b", "c"], "Failed": failed(d="ReceiptHandleIsInvalid")}, QueueUrl=queue, Entries=[{"Id": id, "ReceiptHandle": handle} for id, handle in zip("abcd", [*handles, "x"])])
    walk.quiet("DeleteQueue", QueueUrl=queue)
