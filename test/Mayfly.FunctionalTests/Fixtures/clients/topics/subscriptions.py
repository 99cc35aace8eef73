"""Subscriptions of queues and of an HTTP server, and their attributes."""
import json

from walking import ACCOUNT

NONE = ":00000000-0000-4000-8000-000000000000"


def show(walk):
    arn, fifo, nobody = walk.prefix + "orders", walk.prefix + "orders.fifo", walk.prefix + "nobody"
    queue = walk.queue("first")
    first = walk.ok("Subscribe", "a queue, which need not be asked", {"SubscriptionArn": lambda it: it.startswith(arn + ":")}, TopicArn=arn, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    walk.ok("Subscribe", "the same once more", {"SubscriptionArn": first}, TopicArn=arn, Protocol="sqs", Endpoint=queue)
    walk.refused("Subscribe", "InvalidParameter", "it is there with other attributes", "Subscription already exists with different attributes", TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    walk.refused("Subscribe", "InvalidParameter", "a protocol that there is not", "Invalid parameter: Amazon SNS does not support this protocol string: pigeon", TopicArn=arn, Protocol="pigeon", Endpoint=queue)
    walk.refused("Subscribe", "InvalidParameter", "a URL of another protocol", "Invalid parameter: Endpoint must match the specified protocol", TopicArn=arn, Protocol="https", Endpoint="http://example.com/")
    walk.refused("Subscribe", "InvalidParameter", "a queue that is named otherwise than by its ARN", "Invalid parameter: SQS endpoint ARN", TopicArn=arn, Protocol="sqs", Endpoint="first")
    walk.refused("Subscribe", "InvalidParameter", "a FIFO queue to a topic that keeps no order", "FIFO SQS Queues can not be subscribed to standard SNS topics", TopicArn=arn, Protocol="sqs", Endpoint=queue + ".fifo")
    walk.refused("Subscribe", "InvalidParameter", "a filter policy that is none", "Invalid parameter: Attributes Reason: FilterPolicy: Unrecognized match type like", TopicArn=arn, Protocol="sqs", Endpoint=walk.queue("other"), Attributes={"FilterPolicy": '{"a": [{"like": "b"}]}'})
    walk.refused("Subscribe", "NotFound", "no such topic", "Topic does not exist", status=404, TopicArn=nobody, Protocol="sqs", Endpoint=queue)
    walk.refused("Subscribe", "NotImplementedException", "e-mail", "The protocol email is not supported by this server yet.", status=501, TopicArn=arn, Protocol="email", Endpoint="a@example.com")
    attributes(walk, first, arn, queue)
    http(walk, arn)

    walk.ok("ListSubscriptions", "all of them", {"Subscriptions": lambda it: {"SubscriptionArn": first, "Owner": ACCOUNT, "Protocol": "sqs", "Endpoint": queue, "TopicArn": arn} in it})
    walk.refused("ListSubscriptions", "InvalidParameter", "a token that was never given", NextToken="&")
    walk.ok("ListSubscriptionsByTopic", "those of a topic", {"Subscriptions": lambda it: len(it) == 2}, TopicArn=arn)
    walk.ok("ListSubscriptionsByTopic", "none", {"Subscriptions": []}, TopicArn=fifo)
    walk.refused("ListSubscriptionsByTopic", "NotFound", "no such topic", status=404, TopicArn=nobody)
    walk.ok("Unsubscribe", "it is gone", SubscriptionArn=first)
    walk.ok("Unsubscribe", "one that is gone already", SubscriptionArn=first)
    walk.refused("Unsubscribe", "InvalidParameter", "what is no ARN", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1", SubscriptionArn="first")


def attributes(walk, first, arn, queue):
    walk.ok("GetSubscriptionAttributes", "what it is", {"Attributes": {
        "SubscriptionArn": first, "TopicArn": arn, "Protocol": "sqs", "Endpoint": queue, "Owner": ACCOUNT, "PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true",
        "RawMessageDelivery": "false", "FilterPolicy": None, "FilterPolicyScope": None}}, SubscriptionArn=first)
    walk.refused("GetSubscriptionAttributes", "NotFound", "no such subscription", "Subscription does not exist", status=404, SubscriptionArn=arn + NONE)
    for name, value in {"FilterPolicy": '{"kind": ["a"]}', "RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": queue})}.items():
        walk.ok("SetSubscriptionAttributes", f"`{name}`", SubscriptionArn=first, AttributeName=name, AttributeValue=value)
    walk.ok("GetSubscriptionAttributes", "what was set", {"Attributes": {"FilterPolicy": '{"kind": ["a"]}', "FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": "true"}}, SubscriptionArn=first)
    walk.refused("SetSubscriptionAttributes", "InvalidParameter", "a nested policy for attributes, which have no parts", "Filter policy scope MessageAttributes does not support nested filter policy", SubscriptionArn=first, AttributeName="FilterPolicy", AttributeValue='{"a": {"b": ["c"]}}')
    walk.refused("SetSubscriptionAttributes", "InvalidParameter", "a policy of six keys", "FilterPolicy: Filter policy can not have more than 5 keys", SubscriptionArn=first, AttributeName="FilterPolicy", AttributeValue=json.dumps({str(number): ["x"] for number in range(6)}))
    walk.refused("SetSubscriptionAttributes", "InvalidParameter", "an attribute that there is not", "Invalid parameter: AttributeName", SubscriptionArn=first, AttributeName="Colour", AttributeValue="red")
    walk.refused("SetSubscriptionAttributes", "NotFound", "no such subscription", status=404, SubscriptionArn=arn + NONE, AttributeName="RawMessageDelivery", AttributeValue="true")
    walk.quiet("SetSubscriptionAttributes", SubscriptionArn=first, AttributeName="FilterPolicy", AttributeValue="{}")
    walk.quiet("SetSubscriptionAttributes", SubscriptionArn=first, AttributeName="RawMessageDelivery", AttributeValue="false")
    walk.ok("SetSubscriptionAttributes", "an empty policy, which takes it away", SubscriptionArn=first, AttributeName="RedrivePolicy", AttributeValue="")


def http(walk, arn):
    url = walk.receiver.url + "/hook"
    walk.ok("Subscribe", "a URL, which is asked first", {"SubscriptionArn": "pending confirmation"}, TopicArn=arn, Protocol="http", Endpoint=url)
    asked = walk.receiver.wait("/hook", "SubscriptionConfirmation")[0]
    said = json.loads(asked["body"])
    headers = {name: asked["headers"].get(name) for name in ("content-type", "user-agent", "x-amz-sns-message-id", "x-amz-sns-topic-arn", "x-amz-sns-subscription-arn")}
    walk.check("Subscribe", "the question, over HTTP", None if headers == {
        "content-type": "text/plain; charset=UTF-8", "user-agent": "Amazon Simple Notification Service Agent", "x-amz-sns-message-id": said["MessageId"], "x-amz-sns-topic-arn": arn, "x-amz-sns-subscription-arn": None,
    } and list(said) == ["Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"] else asked)
    walk.refused("ConfirmSubscription", "InvalidParameter", "a token that was never given", "Invalid parameter: Token", TopicArn=arn, Token="0" * 288)
    walk.refused("ConfirmSubscription", "NotFound", "no such topic", status=404, TopicArn=walk.prefix + "nobody", Token=said["Token"])
    confirmed = walk.ok("ConfirmSubscription", "its ARN", {"SubscriptionArn": lambda it: it.startswith(arn + ":")}, TopicArn=arn, Token=said["Token"])["SubscriptionArn"]
    walk.ok("ConfirmSubscription", "once more", {"SubscriptionArn": confirmed}, TopicArn=arn, Token=said["Token"])

    # The links that stand in notifications.
    walk.unsigned(f"{walk.endpoint}/?Action=Unsubscribe&SubscriptionArn={confirmed}")
    told = json.loads(walk.receiver.wait("/hook", "UnsubscribeConfirmation")[0]["body"])
    walk.check("Unsubscribe", "by a link: who is at the URL is told", None if walk.quiet("GetSubscriptionAttributes", SubscriptionArn=confirmed)["Attributes"]["PendingConfirmation"] == "true" else "it is not pending")
    walk.unsigned(f"{walk.endpoint}/?Action=Unsubscribe&SubscriptionArn={confirmed}")
    answer = walk.unsigned(told["SubscribeURL"])
    walk.check("ConfirmSubscription", "by a link: what restores a subscription", None if f"<SubscriptionArn>{confirmed}</SubscriptionArn>" in answer else answer)

    walk.quiet("Subscribe", TopicArn=arn, Protocol="http", Endpoint=walk.receiver.url + "/kept")
    token = json.loads(walk.receiver.wait("/kept", "SubscriptionConfirmation")[0]["body"])["Token"]
    kept = walk.ok("ConfirmSubscription", "one that only signed requests may end", TopicArn=arn, Token=token, AuthenticateOnUnsubscribe="true")["SubscriptionArn"]
    status = walk.unsigned_status(f"{walk.endpoint}/?Action=Unsubscribe&SubscriptionArn={kept}")
    walk.wrong("Unsubscribe", "by a link: one that only signed requests may end", None if status == 403 else status)
    walk.row("Unsubscribe")["refuses"].append({"status": 403, "type": "AuthorizationError", "what": "by a link: one that only signed requests may end"})
    walk.quiet("Unsubscribe", SubscriptionArn=kept)
