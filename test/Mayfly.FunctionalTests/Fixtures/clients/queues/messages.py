"""Messages of a standard queue, one by one."""
import hashlib
import re

from queues import NAME, NONE, attributes, url

UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST = 1048576
TEXTS = {
    "line ends of all kinds": "a\rb\r\nc\nd\te",
    "what means something in XML and in JSON": "<![CDATA[x]]>&amp;\"'{}\\u0041 %41+",
    "every plane of Unicode": "ä€🐝\ue000\ufffd\U0010ffff",
    "spaces at both ends": "  x  ",
}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def receive(walk, queue, **params):
    return walk.quiet("ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=5, **params).get("Messages", [])


def one(walk, queue, **params):
    return receive(walk, queue, **params)[0]


def show(walk):
    queue = url(walk, NAME)
    sending(walk, queue)
    receiving(walk, queue)
    visibility(walk, queue)
    purging(walk, queue)


def sending(walk, queue):
    walk.ok("SendMessage", "its id and the digest of its body", {"MessageId": UUID, "MD5OfMessageBody": md5("hello"), "MD5OfMessageAttributes": None}, QueueUrl=queue, MessageBody="hello")
    walk.quiet("PurgeQueue", QueueUrl=queue)
    walk.ok("SendMessage", "the digest of its attributes", {"MD5OfMessageAttributes": "a311262e065454b75da111d535b8dacd"}, QueueUrl=queue, MessageBody="x", DelaySeconds=900, MessageAttributes={"Hello": {"DataType": "String", "StringValue": "There"}})
    walk.ok("SendMessage", "by the queue's name alone", {"MessageId": UUID}, QueueUrl=NAME if type(walk.caller).__name__ == "Plain" else queue, MessageBody="x", DelaySeconds=900)
    for what, text in TEXTS.items():
        walk.ok("SendMessage", what, {"MD5OfMessageBody": md5(text)}, QueueUrl=queue, MessageBody=text)
        message = one(walk, queue)
        walk.wrong("ReceiveMessage", what, None if (message["Body"], message["MD5OfBody"]) == (text, md5(text)) else message)
        walk.quiet("DeleteMessage", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    walk.ok("SendMessage", "1 MiB", {"MD5OfMessageBody": md5("\u00e4" * (MOST // 2))}, QueueUrl=queue, MessageBody="\u00e4" * (MOST // 2))
    walk.wrong("ReceiveMessage", "1 MiB", None if one(walk, queue)["Body"] == "\u00e4" * (MOST // 2) else "another body")
    walk.refused("SendMessage", "InvalidParameterValue", "1 MiB and a byte", "Reason: Message must be shorter than 1048576 bytes.", QueueUrl=queue, MessageBody="\u00e4" * (MOST // 2) + "x")
    walk.refused("SendMessage", "InvalidParameterValue", "1 MiB and an attribute", "Reason: Message must be shorter than 1048576 bytes.", QueueUrl=queue, MessageBody="x" * MOST, MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    walk.refused("SendMessage", "MissingParameter", "an empty body", "The request must contain the parameter MessageBody.", QueueUrl=queue, MessageBody="")
    walk.refused("SendMessage", "InvalidMessageContents", "a control character", "Invalid characters found.", QueueUrl=queue, MessageBody="a\x01b")
    walk.refused("SendMessage", "InvalidParameterValue", "a delay of more than 15 minutes", "Value 901 for parameter DelaySeconds is invalid.", QueueUrl=queue, MessageBody="x", DelaySeconds=901)
    walk.refused("SendMessage", "InvalidParameterValue", "a name of an attribute that is reserved", "beginning with 'AWS.'", QueueUrl=queue, MessageBody="x", MessageAttributes={"aws.x": {"DataType": "String", "StringValue": "b"}})
    walk.refused("SendMessage", "InvalidParameterValue", "a type of an attribute that there is not", QueueUrl=queue, MessageBody="x", MessageAttributes={"a": {"DataType": "Text", "StringValue": "b"}})
    walk.refused("SendMessage", "InvalidParameterValue", "an empty attribute", "must contain a non-empty value of type 'String'.", QueueUrl=queue, MessageBody="x", MessageAttributes={"a": {"DataType": "String", "StringValue": ""}})
    walk.refused("SendMessage", "InvalidParameterValue", "a number that is none", QueueUrl=queue, MessageBody="x", MessageAttributes={"a": {"DataType": "Number", "StringValue": "b"}})
    walk.refused("SendMessage", "InvalidParameterValue", "eleven attributes", QueueUrl=queue, MessageBody="x", MessageAttributes={f"a{n}": {"DataType": "String", "StringValue": "b"} for n in range(11)})
    walk.refused("SendMessage", "InvalidParameterValue", "a deduplication id", QueueUrl=queue, MessageBody="x", MessageDeduplicationId="d")
    walk.refused("SendMessage", NONE, "no such queue", QueueUrl=url(walk, "nobody"), MessageBody="x")
    walk.quiet("DeleteQueue", QueueUrl=queue)
    walk.quiet("CreateQueue", QueueName=NAME)


def receiving(walk, queue):
    walk.ok("ReceiveMessage", "nothing is there", {"Messages": None}, QueueUrl=queue)
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
    values = {"colour": {"DataType": "String", "StringValue": "red"}, "size": {"DataType": "Number.cm", "StringValue": "12.5"}, "shop.id": {"DataType": "String", "StringValue": "7"}}
    walk.ok("SendMessage", "the digest of its system attributes", {"MD5OfMessageSystemAttributes": re.compile("[0-9a-f]{32}")}, QueueUrl=queue, MessageBody="x", MessageAttributes=values,
            MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": trace}})
    walk.ok("ReceiveMessage", "system attributes, by name", {"Messages": lambda it: it[0]["Attributes"] == {"AWSTraceHeader": trace, "ApproximateReceiveCount": "1"} and "MessageAttributes" not in it[0] and "MD5OfMessageAttributes" not in it[0]},
            QueueUrl=queue, WaitTimeSeconds=5, AttributeNames=["AWSTraceHeader", "ApproximateReceiveCount"], VisibilityTimeout=0)
    walk.ok("ReceiveMessage", "all of them", {"Messages": lambda it: sorted(it[0]["Attributes"]) == ["AWSTraceHeader", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"] and it[0]["Attributes"]["ApproximateReceiveCount"] == "2"},
            QueueUrl=queue, WaitTimeSeconds=5, AttributeNames=["All"], VisibilityTimeout=0)
    walk.ok("ReceiveMessage", "all message attributes", {"Messages": lambda it: it[0]["MessageAttributes"] == values}, QueueUrl=queue, WaitTimeSeconds=5, MessageAttributeNames=["All"], VisibilityTimeout=0)
    walk.ok("ReceiveMessage", "some message attributes, and the digest of these", {"Messages": lambda it: sorted(it[0]["MessageAttributes"]) == ["colour", "shop.id"] and it[0]["MD5OfMessageAttributes"]}, QueueUrl=queue, WaitTimeSeconds=5, MessageAttributeNames=["colour", "shop.*", "nothing"])
    walk.ok("ReceiveMessage", "nothing while it is in flight", {"Messages": None}, QueueUrl=queue)
    walk.check("GetQueueAttributes", "how many are in flight", None if attributes(walk, queue, "ApproximateNumberOfMessagesNotVisible") == {"ApproximateNumberOfMessagesNotVisible": "1"} else attributes(walk, queue))
    walk.refused("ReceiveMessage", "InvalidParameterValue", "eleven messages", "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", QueueUrl=queue, MaxNumberOfMessages=11)
    walk.refused("ReceiveMessage", "InvalidParameterValue", "a wait of more than 20 seconds", "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", QueueUrl=queue, WaitTimeSeconds=21)
    walk.refused("ReceiveMessage", "InvalidParameterValue", "invisible for more than 12 hours", QueueUrl=queue, VisibilityTimeout=43201)
    walk.refused("ReceiveMessage", "InvalidAttributeName", "a system attribute that there is not", "Unknown Attribute Colour.", QueueUrl=queue, AttributeNames=["Colour"])
    walk.refused("ReceiveMessage", NONE, "no such queue", QueueUrl=url(walk, "nobody"))
    walk.quiet("PurgeQueue", QueueUrl=queue)


def visibility(walk, queue):
    walk.quiet("SendMessage", QueueUrl=queue, MessageBody="x")
    first = one(walk, queue)["ReceiptHandle"]
    walk.ok("ChangeMessageVisibility", "visible at once", QueueUrl=queue, ReceiptHandle=first, VisibilityTimeout=0)
    second = one(walk, queue)["ReceiptHandle"]
    walk.wrong("ReceiveMessage", "a new handle", None if first != second else "the same handle")
    walk.ok("ChangeMessageVisibility", "invisible for longer", QueueUrl=queue, ReceiptHandle=second, VisibilityTimeout=3600)
    walk.refused("ChangeMessageVisibility", "InvalidParameterValue", "more than 12 hours", QueueUrl=queue, ReceiptHandle=second, VisibilityTimeout=43201)
    walk.refused("ChangeMessageVisibility", "InvalidParameterValue", "12 hours from now, which is more since it was received", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", QueueUrl=queue, ReceiptHandle=second, VisibilityTimeout=43200)
    walk.refused("ChangeMessageVisibility", "ReceiptHandleIsInvalid", "a handle that is none", QueueUrl=queue, ReceiptHandle="x", VisibilityTimeout=0)
    walk.refused("DeleteMessage", "ReceiptHandleIsInvalid", "a handle that is none", 'The input receipt handle "x" is not a valid receipt handle.', QueueUrl=queue, ReceiptHandle="x")
    walk.quiet("CreateQueue", QueueName="other")
    walk.refused("DeleteMessage", "ReceiptHandleIsInvalid", "a handle of another queue", QueueUrl=url(walk, "other"), ReceiptHandle=second)
    walk.quiet("DeleteQueue", QueueUrl=url(walk, "other"))
    walk.refused("DeleteMessage", NONE, "no such queue", QueueUrl=url(walk, "nobody"), ReceiptHandle=second)
    walk.refused("ChangeMessageVisibility", NONE, "no such queue", QueueUrl=url(walk, "nobody"), ReceiptHandle=second, VisibilityTimeout=0)
    walk.ok("DeleteMessage", "it is gone", QueueUrl=queue, ReceiptHandle=second)
    walk.ok("DeleteMessage", "one that is gone already", QueueUrl=queue, ReceiptHandle=second)
    walk.refused("ChangeMessageVisibility", "InvalidParameterValue", "a message that is gone", "Message does not exist or is not available for visibility timeout change.", QueueUrl=queue, ReceiptHandle=second, VisibilityTimeout=0)


def purging(walk, queue):
    walk.quiet("CreateQueue", QueueName="full")
    full = url(walk, "full")
    walk.quiet("SendMessage", QueueUrl=full, MessageBody="visible")
    walk.quiet("SendMessage", QueueUrl=full, MessageBody="delayed", DelaySeconds=900)
    walk.ok("PurgeQueue", "everything is gone, delayed messages too", QueueUrl=full)
    walk.wrong("PurgeQueue", "what is left", None if {key: value for key, value in attributes(walk, full).items() if key.startswith("Approximate") and value != "0"} == {} else attributes(walk, full))
    walk.refused("PurgeQueue", "AWS.SimpleQueueService.PurgeQueueInProgress", "again within a minute", "Only one PurgeQueue operation on full is allowed every 60 seconds.", status=403, QueueUrl=full)
    walk.refused("PurgeQueue", NONE, "no such queue", QueueUrl=url(walk, "nobody"))
    walk.quiet("DeleteQueue", QueueUrl=full)
