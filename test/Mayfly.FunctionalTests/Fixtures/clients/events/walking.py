"""What the walk through all operations of the EventBridge API has beside its calls."""
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from walks import ServiceWalk

ACCOUNT = "000000000000"
REGIONS = {"boto3": "eu-north-1", "cli": "eu-west-3"}
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Receiver:
    """An HTTP server on loopback that keeps what it is sent, and answers as the path says: /503 is refused so once, /404 always."""

    def __init__(self):
        self.requests, self.failed = [], set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status = next((int(word) for word in self.path.split("/") if word.isdigit() and len(word) == 3), 200)
                if status == 503 and body in receiver.failed:
                    status = 200
                receiver.failed.add(body)
                receiver.requests.append({"method": self.command, "path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()}, "body": body, "status": status})
                answer = b'{"access_token": "token-1", "expires_in": 3600}' if self.path.startswith("/token") else b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                if status == 503:
                    self.send_header("Retry-After", "1")
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path):
        return [request for request in list(self.requests) if request["path"].startswith(path)]


class Walk(ServiceWalk):
    def __init__(self, client, endpoint, model):
        super().__init__("events", client, endpoint, model, REGIONS[client])
        self.receiver = Receiver()
        self.prefix = f"arn:aws:events:{self.region}:{ACCOUNT}:"
        self.function = f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:"
