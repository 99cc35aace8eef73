"""Queues: attributes, tags, permissions."""
import json

ACCOUNT = "000000000000"
NAME = "orders"
NONE = "AWS.SimpleQueueService.NonExistentQueue"


def arn(walk, name):
    return f"arn:aws:sqs:{walk.region}:{ACCOUNT}:{name}"


def url(walk, name):
    return f"{walk.endpoint}/{ACCOUNT}/{name}"


def attributes(walk, queue, *names):
    return walk.quiet("GetQueueAttributes", QueueUrl=queue, AttributeNames=list(names) or ["All"]).get("Attributes", {})


def show(walk):
    queue = url(walk, NAME)
    walk.ok("CreateQueue", "its URL, with the host of the call", {"QueueUrl": queue}, QueueName=NAME, Attributes={"VisibilityTimeout": "60"}, tags={"team": "shop"})
    walk.ok("CreateQueue", "one that is there already, with the same attributes", {"QueueUrl": queue}, QueueName=NAME, Attributes={"VisibilityTimeout": "60"})
    walk.ok("CreateQueue", "one that is there already, without attributes", {"QueueUrl": queue}, QueueName=NAME)
    walk.refused("CreateQueue", "QueueAlreadyExists", "one that is there already, with another attribute", "a different value for attribute VisibilityTimeout", QueueName=NAME, Attributes={"VisibilityTimeout": "61"})
    walk.refused("CreateQueue", "InvalidParameterValue", "a name with a dot", "Can only include alphanumeric characters", QueueName="a.b")
    walk.refused("CreateQueue", "InvalidParameterValue", "a name that is too long", QueueName="a" * 81)
    walk.refused("CreateQueue", "MissingParameter", "no name", "The request must contain the parameter QueueName.", QueueName="")
    walk.refused("CreateQueue", "InvalidAttributeName", "an attribute that there is not", "Unknown Attribute Colour.", QueueName="x", Attributes={"Colour": "red"})
    walk.refused("CreateQueue", "InvalidAttributeValue", "a number out of bounds", "Invalid value for the parameter DelaySeconds.", QueueName="x", Attributes={"DelaySeconds": "901"})
    walk.ok("GetQueueUrl", "the URL", {"QueueUrl": queue}, QueueName=NAME)
    walk.refused("GetQueueUrl", NONE, "no such queue", "The specified queue does not exist", QueueName="nobody")
    several(walk)
    settings(walk, queue)
    tags(walk, queue)
    permissions(walk, queue)


def several(walk):
    for name in ("many-1", "many-2", "many-3"):
        walk.quiet("CreateQueue", QueueName=name)
    walk.ok("ListQueues", "those whose names begin so", {"QueueUrls": [url(walk, f"many-{n}") for n in (1, 2, 3)]}, QueueNamePrefix="many-")
    page = walk.ok("ListQueues", "a page", {"QueueUrls": [url(walk, "many-1"), url(walk, "many-2")]}, QueueNamePrefix="many-", MaxResults=2)
    walk.ok("ListQueues", "the next page", {"QueueUrls": [url(walk, "many-3")], "NextToken": None}, QueueNamePrefix="many-", MaxResults=2, NextToken=page["NextToken"])
    walk.ok("ListQueues", "none", {"QueueUrls": None}, QueueNamePrefix="nobody")
    walk.refused("ListQueues", "InvalidParameterValue", "a token that was never given", QueueNamePrefix="many-", MaxResults=2, NextToken="&")
    for name in ("many-1", "many-2", "many-3"):
        walk.quiet("DeleteQueue", QueueUrl=url(walk, name))


def settings(walk, queue):
    walk.ok("GetQueueAttributes", "all of a standard queue", {"Attributes": lambda it: it["QueueArn"] == arn(walk, NAME) and sorted(it) == sorted([
        "QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed", "CreatedTimestamp", "LastModifiedTimestamp", "VisibilityTimeout",
        "MaximumMessageSize", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled"])}, QueueUrl=queue, AttributeNames=["All"])
    walk.ok("GetQueueAttributes", "those that are asked for", {"Attributes": {"VisibilityTimeout": "60", "MaximumMessageSize": "1048576"}}, QueueUrl=queue, AttributeNames=["VisibilityTimeout", "MaximumMessageSize", "Policy"])
    walk.ok("GetQueueAttributes", "none without a name", {"Attributes": None}, QueueUrl=queue)
    walk.refused("GetQueueAttributes", "InvalidAttributeName", "an attribute that there is not", "Unknown Attribute Colour.", QueueUrl=queue, AttributeNames=["Colour"])
    walk.refused("GetQueueAttributes", NONE, "no such queue", QueueUrl=url(walk, "nobody"), AttributeNames=["All"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "SQS:SendMessage", "Resource": arn(walk, NAME)}]})
    walk.ok("SetQueueAttributes", "numbers and a policy", QueueUrl=queue, Attributes={"VisibilityTimeout": "30", "DelaySeconds": "0", "Policy": policy, "MaximumMessageSize": "2048"})
    walk.check("SetQueueAttributes", "as they were set", None if attributes(walk, queue, "VisibilityTimeout", "Policy", "MaximumMessageSize") == {"VisibilityTimeout": "30", "Policy": policy, "MaximumMessageSize": "2048"} else attributes(walk, queue))
    walk.ok("SetQueueAttributes", "an empty policy takes it away", QueueUrl=queue, Attributes={"Policy": "", "MaximumMessageSize": "1048576"})
    walk.wrong("SetQueueAttributes", "the policy", attributes(walk, queue).get("Policy"))
    walk.refused("SetQueueAttributes", "InvalidAttributeName", "an attribute that can only be read", QueueUrl=queue, Attributes={"QueueArn": "x"})
    walk.refused("SetQueueAttributes", "InvalidAttributeName", "an attribute of FIFO queues", QueueUrl=queue, Attributes={"ContentBasedDeduplication": "true"})
    walk.refused("SetQueueAttributes", "InvalidAttributeValue", "another type of queue", "Modifying queue type is not supported.", QueueUrl=queue, Attributes={"FifoQueue": "true"})
    walk.refused("SetQueueAttributes", "InvalidAttributeValue", "a number out of bounds", QueueUrl=queue, Attributes={"MaximumMessageSize": "1048577"})
    walk.refused("SetQueueAttributes", "InvalidAttributeValue", "a policy that is too long", QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [], "Id": "x" * 8192})})
    walk.refused("SetQueueAttributes", "InvalidAttributeValue", "a policy that is none", QueueUrl=queue, Attributes={"Policy": "{"})
    walk.refused("SetQueueAttributes", NONE, "no such queue", QueueUrl=url(walk, "nobody"), Attributes={"DelaySeconds": "0"})


def tags(walk, queue):
    walk.ok("ListQueueTags", "those that the queue was made with", {"Tags": {"team": "shop"}}, QueueUrl=queue)
    walk.ok("TagQueue", "one more", QueueUrl=queue, Tags={"stage": "dev"})
    walk.ok("UntagQueue", "one less", QueueUrl=queue, TagKeys=["team"])
    walk.ok("ListQueueTags", "what is left", {"Tags": {"stage": "dev"}}, QueueUrl=queue)
    walk.refused("TagQueue", "InvalidParameterValue", "more than fifty", f"Too many tags added for queue {NAME}.", QueueUrl=queue, Tags={f"k{n}": "v" for n in range(50)})
    walk.refused("UntagQueue", "InvalidParameterValue", "an empty key", "Tag keys must be between 1 and 128 characters in length.", QueueUrl=queue, TagKeys=[""])
    for operation, params in {"ListQueueTags": {}, "TagQueue": {"Tags": {"a": "b"}}, "UntagQueue": {"TagKeys": ["a"]}}.items():
        walk.refused(operation, NONE, "no such queue", QueueUrl=url(walk, "nobody"), **params)


def permissions(walk, queue):
    walk.ok("AddPermission", "a statement in its policy", QueueUrl=queue, Label="one", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    walk.ok("AddPermission", "one for several accounts and actions", QueueUrl=queue, Label="two", AWSAccountIds=["111111111111", "222222222222"], Actions=["ReceiveMessage", "DeleteMessage"])
    policy = {"Version": "2008-10-17", "Id": f"{arn(walk, NAME)}/SQSDefaultPolicy", "Statement": [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "SQS:SendMessage", "Resource": arn(walk, NAME)},
        {"Sid": "two", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}, "Action": ["SQS:ReceiveMessage", "SQS:DeleteMessage"], "Resource": arn(walk, NAME)}]}
    walk.wrong("AddPermission", "the policy", None if json.loads(attributes(walk, queue)["Policy"]) == policy else attributes(walk, queue)["Policy"])
    walk.refused("AddPermission", "InvalidParameterValue", "a label that is taken", "Value one for parameter Label is invalid. Reason: Already exists.", QueueUrl=queue, Label="one", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    walk.refused("AddPermission", "InvalidParameterValue", "what only the owner may do", "Only the queue owner is allowed to invoke this action.", QueueUrl=queue, Label="x", AWSAccountIds=["111111111111"], Actions=["CreateQueue"])
    walk.refused("AddPermission", "OverLimit", "eight actions", "8 Actions were found, maximum allowed is 7.", status=403, QueueUrl=queue, Label="x", AWSAccountIds=["111111111111"], Actions=["SendMessage"] * 8)
    walk.refused("AddPermission", NONE, "no such queue", QueueUrl=url(walk, "nobody"), Label="x", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    walk.ok("RemovePermission", "one statement", QueueUrl=queue, Label="one")
    walk.refused("RemovePermission", "InvalidParameterValue", "no such label", "can't find label on existing policy.", QueueUrl=queue, Label="one")
    walk.ok("RemovePermission", "the policy goes with its last statement", QueueUrl=queue, Label="two")
    walk.wrong("RemovePermission", "the policy", attributes(walk, queue).get("Policy"))


def remove(walk):
    queue = url(walk, NAME)
    walk.ok("DeleteQueue", "it is gone, with its messages", QueueUrl=queue)
    walk.refused("DeleteQueue", NONE, "one that is gone", QueueUrl=queue)
    walk.ok("CreateQueue", "the name is free at once (AWS: after 60 seconds)", {"QueueUrl": queue}, QueueName=NAME)
    walk.wrong("DeleteQueue", "messages of the deleted queue", walk.quiet("ReceiveMessage", QueueUrl=queue).get("Messages"))
    walk.quiet("DeleteQueue", QueueUrl=queue)
