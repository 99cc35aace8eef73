"""How the walk through all operations of the EventBridge API calls, checks and reports."""
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from callers import Boto3, Cli, Told
from checking import differs
from plain import Model

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


class Walk:
    def __init__(self, client, endpoint, model):
        self.model, self.region = Model(model), REGIONS[client]
        self.caller = {"boto3": Boto3, "cli": Cli}[client](endpoint, self.region, self.model)
        self.rows, self.receiver = {}, Receiver()
        self.prefix = f"arn:aws:events:{self.region}:{ACCOUNT}:"
        self.function = f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:"

    def ok(self, operation, what, expect=None, **params):
        """A call that succeeds and shows what is expected."""
        try:
            status, answer, wrong = self.caller.call(operation, params)
        except Told as told:
            self.wrong(operation, what, told)
            raise
        self.wrong(operation, what, differs(200, status, "status") or differs(expect or {}, answer) or ", ".join(wrong))
        self.row(operation)["shows"].append({"status": status, "what": what})
        return answer

    def quiet(self, operation, **params):
        """A call that only prepares."""
        return self.caller.call(operation, params)[1]

    def refused(self, operation, kind, what, message="", **params):
        """A call that is refused."""
        told = self._refusal(operation, params)
        self.wrong(operation, what, differs(kind, told.kind) or (None if told.status in (400, None) else f"status {told.status}") or (None if told.message and message in told.message else f"message {told.message!r}"))
        self.row(operation)["refuses"].append({"status": 400, "type": told.kind, "what": what})

    def unserved(self, reason, operation, **params):
        """A call that this server does not serve, and says so."""
        told = self._refusal(operation, params)
        self.wrong(operation, "not served", differs("NotImplementedException", told.kind) or (None if told.status in (501, None) and operation in told.message else str(told)))
        self.row(operation)["reason"] = reason

    def until(self, operation, what, question, show=True):
        """Something that comes about by itself, and before long."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            seen = question()
            if seen:
                if show:
                    self.row(operation)["shows"].append({"status": 200, "what": what})
                return seen
            time.sleep(0.05)
        self.wrong(operation, what, "it did not come about")
        raise AssertionError(what)

    def check(self, operation, what, fault):
        self.wrong(operation, what, fault)
        self.row(operation)["shows"].append({"status": 200, "what": what})

    def wrong(self, operation, what, fault):
        if fault:
            self.row(operation)["wrong"].append(f"{what}: {fault}")

    def row(self, operation):
        return self.rows.setdefault(operation, {"operation": operation, "shows": [], "refuses": [], "reason": None, "wrong": []})

    def report(self):
        for operation in self.model.operations:
            print(json.dumps(self.row(operation)))

    def _refusal(self, operation, params):
        try:
            return Told(*self.caller.call(operation, params)[:2], "")
        except Told as told:
            return told
