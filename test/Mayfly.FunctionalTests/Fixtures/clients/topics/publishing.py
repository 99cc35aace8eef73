"""Messages, one by one and many at once."""
import json
import re

UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile("[0-9]{20}")


def show(walk):
    arn, fifo, nobody = walk.prefix + "orders", walk.prefix + "orders.fifo", walk.prefix + "nobody"
    walk.quiet("Subscribe", TopicArn=arn, Protocol="sqs", Endpoint=walk.queue("all"))
    walk.quiet("Subscribe", TopicArn=arn, Protocol="sqs", Endpoint=walk.queue("raw"), Attributes={"RawMessageDelivery": "true", "FilterPolicy": '{"price": [{"numeric": [">", 10]}]}'})
    attributes = {"price": {"DataType": "Number", "StringValue": "11"}, "tags": {"DataType": "String.Array", "StringValue": '["a"]'}}

    made = walk.ok("Publish", "its id", {"MessageId": UUID}, TopicArn=arn, Message="hällo", Subject="greeting", MessageAttributes=attributes)
    body = json.loads(walk.receive("all")[0]["Body"])
    walk.check("Publish", "in a queue: the message in an envelope", None if {name: body.get(name) for name in ("Type", "MessageId", "TopicArn", "Subject", "Message", "SignatureVersion", "MessageAttributes")} == {
        "Type": "Notification", "MessageId": made["MessageId"], "TopicArn": arn, "Subject": "greeting", "Message": "hällo", "SignatureVersion": "2",
        "MessageAttributes": {"price": {"Type": "Number", "Value": "11"}, "tags": {"Type": "String.Array", "Value": '["a"]'}}} else body)
    raw = walk.receive("raw")[0]
    walk.check("Publish", "in a queue, raw: the message itself", None if raw["Body"] == "hällo" and {name: value["StringValue"] for name, value in raw["MessageAttributes"].items()} == {"price": "11", "tags": '["a"]'} else raw)
    hook = walk.receiver.wait("/hook", "Notification")[0]
    walk.check("Publish", "over HTTP: the message in an envelope", None if json.loads(hook["body"])["Message"] == "hällo" and hook["headers"]["x-amz-sns-subscription-arn"].startswith(arn + ":") else hook)

    walk.ok("Publish", "a text for each protocol", {"MessageId": UUID}, TargetArn=arn, MessageStructure="json", Message=json.dumps({"default": "d", "sqs": "for queues"}))
    walk.wrong("Publish", "each its text", None if json.loads(walk.receive("all")[0]["Body"])["Message"] == "for queues" else "another text")
    walk.wrong("Publish", "each its text", None if json.loads(walk.receiver.wait("/hook", "Notification", 2)[1]["body"])["Message"] == "d" else "another text")
    walk.refused("Publish", "InvalidParameter", "a text for some protocols and no other", "Invalid parameter: Message Structure - No default entry in JSON message body", TopicArn=arn, MessageStructure="json", Message='{"sqs": "x"}')
    walk.refused("Publish", "InvalidParameter", "an empty message", "Invalid parameter: Empty message", TopicArn=arn, Message="")
    walk.refused("Publish", "InvalidParameter", "more than 256 KiB", "Invalid parameter: Message too long", TopicArn=arn, Message="x" * 262145)
    walk.refused("Publish", "InvalidParameter", "a subject of two lines", "Invalid parameter: Subject", TopicArn=arn, Message="x", Subject="a\nb")
    walk.refused("Publish", "ParameterValueInvalid", "a number that is none", "Could not cast message attribute 'price' value to number.", TopicArn=arn, Message="x", MessageAttributes={"price": {"DataType": "Number", "StringValue": "much"}})
    walk.refused("Publish", "NotFound", "no such topic", "Topic does not exist", status=404, TopicArn=nobody, Message="x")
    walk.refused("Publish", "InvalidParameter", "no group, where order is kept", "Invalid parameter: The MessageGroupId parameter is required for FIFO topics", TopicArn=fifo, Message="x")
    walk.refused("Publish", "NotImplementedException", "a phone", "A message to a phone is not supported by this server yet.", status=501, PhoneNumber="+4912345678", Message="x")
    batches(walk, arn, fifo, nobody)


def batches(walk, arn, fifo, nobody):
    def entries(count, **more):
        return [{"Id": f"m{number}", "Message": f"{number}", **more} for number in range(count)]

    walk.ok("PublishBatch", "an id for each", {"Successful": lambda it: [one["Id"] for one in it] == ["m0", "m1"] and all(UUID.fullmatch(one["MessageId"]) for one in it)}, TopicArn=arn, PublishBatchRequestEntries=entries(2))
    walk.wrong("PublishBatch", "both", None if sorted(json.loads(message["Body"])["Message"] for message in walk.receive("all", 2)) == ["0", "1"] else "other messages")

    walk.quiet("Subscribe", TopicArn=fifo, Protocol="sqs", Endpoint=walk.queue("all.fifo"), Attributes={"RawMessageDelivery": "true"})
    made = walk.ok("Publish", "a number, where order is kept", {"SequenceNumber": NUMBER}, TopicArn=fifo, Message="0", MessageGroupId="g")
    walk.ok("Publish", "the same once more, which is known again", {"MessageId": made["MessageId"], "SequenceNumber": made["SequenceNumber"]}, TopicArn=fifo, Message="0", MessageGroupId="g")
    walk.ok("PublishBatch", "rising numbers, where order is kept", {"Successful": lambda it: [one["SequenceNumber"] for one in it] == sorted(one["SequenceNumber"] for one in it)}, TopicArn=fifo, PublishBatchRequestEntries=entries(10, MessageGroupId="g"))
    ordered = [message["Body"] for message in walk.receive("all.fifo", 10)]
    walk.check("PublishBatch", "in a FIFO queue: in order, each once", None if ordered == [str(number) for number in range(10)] else ordered)

    walk.refused("PublishBatch", "TooManyEntriesInBatchRequest", "eleven", "The batch request contains more entries than permissible.", TopicArn=arn, PublishBatchRequestEntries=entries(11))
    walk.refused("PublishBatch", "BatchEntryIdsNotDistinct", "an id twice", "Two or more batch entries in the request have the same Id.", TopicArn=arn, PublishBatchRequestEntries=entries(1) * 2)
    walk.refused("PublishBatch", "InvalidBatchEntryId", "an id with a space", TopicArn=arn, PublishBatchRequestEntries=[{"Id": "a b", "Message": "x"}])
    walk.refused("PublishBatch", "BatchRequestTooLong", "more than 256 KiB together", "The length of all the messages put together is more than the limit.", TopicArn=arn, PublishBatchRequestEntries=[{"Id": str(number), "Message": "x" * 200000} for number in range(2)])
    walk.refused("PublishBatch", "NotFound", "no such topic", status=404, TopicArn=nobody, PublishBatchRequestEntries=entries(1))
