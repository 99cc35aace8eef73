"""Topics, their attributes, policies and tags."""
import json

from walking import ACCOUNT


def show(walk):
    arn, fifo, nobody = walk.prefix + "orders", walk.prefix + "orders.fifo", walk.prefix + "nobody"
    walk.ok("CreateTopic", "its ARN", {"TopicArn": arn}, Name="orders", Attributes={"DisplayName": "Orders"}, Tags=[{"Key": "team", "Value": "shop"}])
    walk.ok("CreateTopic", "the same once more", {"TopicArn": arn}, Name="orders", Attributes={"DisplayName": "Orders"})
    walk.refused("CreateTopic", "InvalidParameter", "it is there with other attributes", "Invalid parameter: Attributes Reason: Topic already exists with different attributes", Name="orders", Attributes={"DisplayName": "Others"})
    walk.refused("CreateTopic", "InvalidParameter", "it is there with other tags", "Topic already exists with different tags", Name="orders", Tags=[{"Key": "team", "Value": "bank"}])
    walk.ok("CreateTopic", "one that keeps order", {"TopicArn": fifo}, Name="orders.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})
    walk.refused("CreateTopic", "InvalidParameter", "a name with a space", "Invalid parameter: Topic Name", Name="a b")
    walk.refused("CreateTopic", "InvalidParameter", "one that keeps order whose name does not end in `.fifo`", "Invalid parameter: Topic Name", Name="plain", Attributes={"FifoTopic": "true"})

    walk.ok("ListTopics", "what was made", {"Topics": lambda it: [topic["TopicArn"] for topic in it] == [arn, fifo]})
    for number in range(100):
        walk.quiet("CreateTopic", Name=f"page-{number}")
    page = walk.ok("ListTopics", "a page of 100", {"Topics": lambda it: len(it) == 100})
    walk.ok("ListTopics", "the next page", {"Topics": lambda it: len(it) == 2, "NextToken": None}, NextToken=page["NextToken"])
    walk.refused("ListTopics", "InvalidParameter", "a token that was never given", "Invalid parameter: NextToken", NextToken="&")
    for number in range(100):
        walk.quiet("DeleteTopic", TopicArn=walk.prefix + f"page-{number}")

    walk.ok("GetTopicAttributes", "those that were given, and those that every topic has", {"Attributes": {
        "TopicArn": arn, "Owner": ACCOUNT, "DisplayName": "Orders", "SubscriptionsConfirmed": "0", "SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
        "Policy": lambda it: json.loads(it)["Id"] == "__default_policy_ID", "EffectiveDeliveryPolicy": lambda it: json.loads(it)["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3}}, TopicArn=arn)
    walk.ok("GetTopicAttributes", "of one that keeps order", {"Attributes": {"FifoTopic": "true", "ContentBasedDeduplication": "true"}}, TopicArn=fifo)
    walk.refused("GetTopicAttributes", "NotFound", "no such topic", "Topic does not exist", status=404, TopicArn=nobody)
    walk.refused("GetTopicAttributes", "InvalidParameter", "what is no ARN", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1", TopicArn="orders")

    policy = {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 1}}}
    walk.ok("SetTopicAttributes", "how HTTP subscribers are tried again", TopicArn=arn, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy))
    walk.ok("SetTopicAttributes", "signatures of version 2", TopicArn=arn, AttributeName="SignatureVersion", AttributeValue="2")
    shown = walk.quiet("GetTopicAttributes", TopicArn=arn)["Attributes"]
    walk.wrong("SetTopicAttributes", "what was set", None if shown["SignatureVersion"] == "2" and json.loads(shown["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 1 else shown)
    walk.refused("SetTopicAttributes", "InvalidParameter", "`FifoTopic`, which is for ever", "Invalid parameter: AttributeName", TopicArn=arn, AttributeName="FifoTopic", AttributeValue="true")
    walk.refused("SetTopicAttributes", "InvalidParameter", "deduplication where there is no order", "Content-based deduplication can only be set for FIFO topics", TopicArn=arn, AttributeName="ContentBasedDeduplication", AttributeValue="true")
    walk.refused("SetTopicAttributes", "InvalidParameter", "a policy that is none", "DeliveryPolicy", TopicArn=arn, AttributeName="DeliveryPolicy", AttributeValue='{"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}')
    walk.refused("SetTopicAttributes", "NotFound", "no such topic", status=404, TopicArn=nobody, AttributeName="DisplayName", AttributeValue="x")
    permissions(walk, arn, nobody)
    tags(walk, arn, nobody)


def permissions(walk, arn, nobody):
    walk.ok("AddPermission", "a statement for an account", TopicArn=arn, Label="one", AWSAccountId=["111111111111"], ActionName=["Publish"])
    walk.wrong("AddPermission", "the policy", None if walk.statements(arn)[1:] == [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "SNS:Publish", "Resource": arn}] else walk.statements(arn))
    walk.refused("AddPermission", "InvalidParameter", "the label is taken", "Statement already exists", TopicArn=arn, Label="one", AWSAccountId=["111111111111"], ActionName=["Publish"])
    walk.refused("AddPermission", "InvalidParameter", "an action that is none", "Policy statement action out of service scope!", TopicArn=arn, Label="two", AWSAccountId=["111111111111"], ActionName=["Fly"])
    walk.refused("AddPermission", "NotFound", "no such topic", status=404, TopicArn=nobody, Label="one", AWSAccountId=["111111111111"], ActionName=["Publish"])
    walk.ok("RemovePermission", "the statement goes", TopicArn=arn, Label="one")
    walk.wrong("RemovePermission", "what is left", None if len(walk.statements(arn)) == 1 else walk.statements(arn))
    walk.refused("RemovePermission", "NotFound", "no such topic", status=404, TopicArn=nobody, Label="one")


def tags(walk, arn, nobody):
    walk.ok("ListTagsForResource", "those that it was made with", {"Tags": [{"Key": "team", "Value": "shop"}]}, ResourceArn=arn)
    walk.ok("TagResource", "one more", ResourceArn=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    walk.refused("TagResource", "TagLimitExceeded", "more than 50", ResourceArn=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(49)])
    walk.ok("UntagResource", "one less", ResourceArn=arn, TagKeys=["team"])
    walk.ok("ListTagsForResource", "what is left", {"Tags": [{"Key": "stage", "Value": "dev"}]}, ResourceArn=arn)
    for operation, params in {"ListTagsForResource": {}, "TagResource": {"Tags": [{"Key": "a", "Value": "b"}]}, "UntagResource": {"TagKeys": ["a"]}}.items():
        walk.refused(operation, "ResourceNotFound", "no such topic", "Resource does not exist", status=404, ResourceArn=nobody, **params)


def remove(walk):
    arn = walk.prefix + "orders"
    walk.ok("DeleteTopic", "it is gone, with its subscriptions", TopicArn=arn)
    walk.ok("DeleteTopic", "one that is gone already", TopicArn=arn)
    walk.wrong("DeleteTopic", "what is left", None if all(one["TopicArn"] != arn for one in walk.quiet("ListSubscriptions")["Subscriptions"]) else "its subscriptions")
    walk.refused("DeleteTopic", "InvalidParameter", "what is no ARN", "Invalid parameter: TopicArn", TopicArn="orders")
    walk.quiet("DeleteTopic", TopicArn=arn + ".fifo")
