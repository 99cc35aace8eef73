"""What a walk through SNS has beside it: queues, and an HTTP server to subscribe."""
import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from callers import Plain
from plain import Model
from walks import ServiceWalk

ACCOUNT = "000000000000"


class Receiver:
    """An HTTP server on loopback that keeps what it is sent, and answers with the status that the path names."""

    def __init__(self):
        self.requests = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                receiver.requests.append({"path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()}, "body": body})
                self.send_response(next((int(word) for word in self.path.split("/") if word.isdigit()), 200))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, path, kind, count=1):
        """What came to a path, once there is so much of it."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            seen = [one for one in list(self.requests) if one["path"] == path and one["headers"]["x-amz-sns-message-type"] == kind]
            if len(seen) >= count:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"no {kind} came to {path}: {self.requests}")


class TopicWalk(ServiceWalk):
    def __init__(self, client, region, endpoint, model, queues):
        super().__init__("sns", client, endpoint, model, region)
        self.queues, self.receiver = Plain("sqs", endpoint, region, Model(queues)), Receiver()
        self.prefix = f"arn:aws:sns:{region}:{ACCOUNT}:"

    def queue(self, name):
        """Makes a queue, and tells its ARN."""
        self.queues.call("CreateQueue", {"QueueName": name, "Attributes": {"FifoQueue": "true"} if name.endswith(".fifo") else {}})
        return f"arn:aws:sqs:{self.region}:{ACCOUNT}:{name}"

    def receive(self, name, count=1):
        """Takes so many messages from a queue, in their order; another one must not come."""
        url, messages = f"{self.endpoint}/{ACCOUNT}/{name}", []
        while len(messages) < count:
            some = self.queues.call("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 20, "MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]})[1].get("Messages")
            assert some, f"{name} has {len(messages)} messages instead of {count}"
            for message in some:
                self.queues.call("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})
            messages += some
        assert len(messages) == count and not self.queues.call("ReceiveMessage", {"QueueUrl": url})[1].get("Messages"), f"{name} has more than {count} messages"
        return messages

    def unsigned(self, url):
        """Follows a link, as anybody may."""
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read().decode()

    def unsigned_status(self, url):
        """How a link is refused."""
        try:
            self.unsigned(url)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def statements(self, topic):
        return json.loads(self.quiet("GetTopicAttributes", TopicArn=topic)["Attributes"]["Policy"])["Statement"]
