"""Dead letters, and how they are moved back."""
import json

from messages import one
from queues import NONE, arn, attributes, url

SOURCE, LETTERS = "work", "work-letters"


def show(walk):
    source, letters = url(walk, SOURCE), url(walk, LETTERS)
    walk.quiet("CreateQueue", QueueName=LETTERS)
    redrive = {"deadLetterTargetArn": arn(walk, LETTERS), "maxReceiveCount": 1}
    walk.ok("CreateQueue", "one with a dead-letter queue", {"QueueUrl": source}, QueueName=SOURCE, Attributes={"RedrivePolicy": json.dumps(redrive)})
    walk.wrong("CreateQueue", "its redrive policy", None if json.loads(attributes(walk, source)["RedrivePolicy"]) == redrive else attributes(walk, source))
    for what, policy in {
        "a redrive policy that is no JSON": "{",
        "a redrive policy without a target": json.dumps({"maxReceiveCount": 1}),
        "a dead-letter queue that is not there": json.dumps({**redrive, "deadLetterTargetArn": arn(walk, "nobody")}),
        "a dead-letter queue that is no ARN": json.dumps({**redrive, "deadLetterTargetArn": "x"}),
        "more receives than 1,000": json.dumps({**redrive, "maxReceiveCount": 1001}),
    }.items():
        walk.refused("SetQueueAttributes", "InvalidParameterValue", what, f"Value {policy} for parameter RedrivePolicy is invalid. Reason: ", QueueUrl=source, Attributes={"RedrivePolicy": policy})
    walk.ok("ListDeadLetterSourceQueues", "the queues whose dead letters it gets", {"queueUrls": [source]}, QueueUrl=letters)
    walk.ok("ListDeadLetterSourceQueues", "none", {"queueUrls": lambda it: not it}, QueueUrl=source)
    walk.refused("ListDeadLetterSourceQueues", NONE, "no such queue", QueueUrl=url(walk, "nobody"))
    sent = walk.quiet("SendMessage", QueueUrl=source, MessageBody="poison", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})["MessageId"]
    walk.quiet("ChangeMessageVisibility", QueueUrl=source, ReceiptHandle=one(walk, source)["ReceiptHandle"], VisibilityTimeout=0)
    walk.wrong("ReceiveMessage", "a message received too often", walk.quiet("ReceiveMessage", QueueUrl=source).get("Messages"))
    letter = one(walk, letters, AttributeNames=["All"], MessageAttributeNames=["All"], VisibilityTimeout=0)
    walk.check("ReceiveMessage", "a dead letter, with its id and where it comes from", None if (letter["MessageId"], letter["Body"], letter["Attributes"]["DeadLetterQueueSourceArn"], letter["MessageAttributes"]["a"]["StringValue"]) == (sent, "poison", arn(walk, SOURCE), "b") else letter)
    moving(walk, source, letters, sent)
    for queue in (source, letters):
        walk.quiet("DeleteQueue", QueueUrl=queue)


def moving(walk, source, letters, sent):
    walk.refused("StartMessageMoveTask", "InvalidParameterValue", "a queue that is nobody's dead-letter queue", "Source queue must be configured as a Dead Letter Queue.", SourceArn=arn(walk, SOURCE))
    walk.refused("StartMessageMoveTask", "ResourceNotFoundException", "no such queue", status=404, SourceArn=arn(walk, "nobody"))
    walk.refused("StartMessageMoveTask", "InvalidParameterValue", "no ARN", "You must use this format to specify the SourceArn", SourceArn="x")
    walk.refused("ListMessageMoveTasks", "ResourceNotFoundException", "no such queue", status=404, SourceArn=arn(walk, "nobody"))
    walk.ok("ListMessageMoveTasks", "none", {"Results": lambda it: not it}, SourceArn=arn(walk, LETTERS))
    walk.ok("StartMessageMoveTask", "back to where they came from", {"TaskHandle": lambda it: it}, SourceArn=arn(walk, LETTERS))
    walk.until("ListMessageMoveTasks", "`COMPLETED` when all have moved", lambda: tasks(walk)[0]["Status"] == "COMPLETED")
    task = tasks(walk)[0]
    walk.wrong("ListMessageMoveTasks", "the task", None if (task["SourceArn"], task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"], "TaskHandle" in task) == (arn(walk, LETTERS), 1, 1, False) and task["StartedTimestamp"] > 1e12 else task)
    moved = one(walk, source, AttributeNames=["All"])
    walk.check("StartMessageMoveTask", "it is a new message there", None if moved["Body"] == "poison" and moved["MessageId"] != sent and moved["Attributes"]["ApproximateReceiveCount"] == "1" else moved)
    walk.quiet("SendMessageBatch", QueueUrl=letters, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(10)])
    handle = walk.ok("StartMessageMoveTask", "to another queue, one a second", {"TaskHandle": lambda it: it}, SourceArn=arn(walk, LETTERS), DestinationArn=arn(walk, SOURCE), MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    walk.refused("StartMessageMoveTask", "InvalidParameterValue", "while there is a task", "There is already a task running.", SourceArn=arn(walk, LETTERS))
    walk.wrong("ListMessageMoveTasks", "the task that runs", None if (tasks(walk)[0]["Status"], tasks(walk)[0]["TaskHandle"], tasks(walk)[0]["MaxNumberOfMessagesPerSecond"]) == ("RUNNING", handle, 1) else tasks(walk))
    walk.ok("CancelMessageMoveTask", "how many have moved", {"ApproximateNumberOfMessagesMoved": lambda it: it < 10}, TaskHandle=handle)
    walk.until("ListMessageMoveTasks", "`CANCELLED`, the newest first", lambda: [task["Status"] for task in tasks(walk, 10)] == ["CANCELLED", "COMPLETED"])
    walk.refused("CancelMessageMoveTask", "ResourceNotFoundException", "a task that has ended", "Task does not exist.", status=404, TaskHandle=handle)
    walk.refused("CancelMessageMoveTask", "InvalidParameterValue", "a handle that is none", TaskHandle="x")


def tasks(walk, most=1):
    return walk.quiet("ListMessageMoveTasks", SourceArn=arn(walk, LETTERS), MaxResults=most)["Results"]
