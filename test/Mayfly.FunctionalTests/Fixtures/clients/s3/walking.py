"""How the walk through all operations of the S3 API calls, checks and reports."""
import contextlib
import http.client
import io
import json
import os
import re
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as xml

# First of all: it may bring a botocore of its own, which must not be mixed with boto3's.
if "cli" in sys.argv:
    from awscli.clidriver import create_clidriver

from botocore import xform_name
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from checking import differs

BUCKETS = {"boto3": "walk-boto3", "cli": "walk-cli"}


class Told(Exception):
    """What the service refused, as it said so."""

    def __init__(self, status, kind, message):
        self.status, self.kind, self.message = status, kind, message
        super().__init__(f"{status} {kind}: {message}")


class Boto3:
    def __init__(self, endpoint):
        import boto3
        from botocore.config import Config

        config = Config(retries={"total_max_attempts": 1}, read_timeout=60, parameter_validation=False)
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test", config=config)

    def call(self, operation, params):
        try:
            answer = getattr(self.client, xform_name(operation))(**params)
        except self.client.exceptions.ClientError as error:
            said = error.response
            raise Told(said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"], said["Error"].get("Message", "")) from error
        if "Body" in answer:
            answer["Body"] = answer["Body"].read()
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer


class Cli:
    """The command line's own program, in this process: starting it for each call would take longer than all calls."""

    def __init__(self, endpoint):
        os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_MAX_ATTEMPTS="1", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true")
        self.driver, self.status, self.folder = create_clidriver(), 0, tempfile.mkdtemp()
        self.driver.session.register("after-call.s3", self._keep)
        self.words = ["--endpoint-url", endpoint, "--region", "us-east-1", "--output", "json"]

    def call(self, operation, params):
        more, last, file = [], [], os.path.join(self.folder, "body")
        params = dict(params)
        if "Body" in params:
            with open(file, "wb") as body:
                body.write(params.pop("Body"))
            more = ["--body", file]
        words = ["--cli-input-json", json.dumps(params)]
        if operation == "GetObject":
            # It alone takes no JSON.
            words = [word for name, value in params.items() for word in ("--etag" if name == "ETag" else "--" + xform_name(name, "-"), str(value))]
            last = [file]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = self.driver.main(["s3api", xform_name(operation, "-"), *more, *words, *self.words, "--no-paginate", *last])
        if status == 0:
            answer = json.loads(out.getvalue()) if out.getvalue().strip().startswith("{") else {}
            if operation == "GetObject":
                with open(file, "rb") as body:
                    answer["Body"] = body.read()
            return self.status, answer
        told = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)", err.getvalue(), re.DOTALL)
        if not told:
            raise AssertionError(f"{operation}: {status} {out.getvalue()} {err.getvalue()}")
        raise Told(self.status, told[1], re.sub(r"\s*Additional error details:.*", "", told[2], flags=re.DOTALL).strip())

    def _keep(self, http_response, **_):
        self.status = http_response.status_code


class Walk:
    def __init__(self, client, endpoint):
        self.endpoint, self.bucket = urllib.parse.urlsplit(endpoint), BUCKETS[client]
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations.json")) as table:
            self.operations = json.load(table)
        self.caller = {"boto3": Boto3, "cli": Cli}[client](endpoint)
        self.rows = {}

    def ok(self, operation, what, expect=None, status=200, **params):
        """A call that succeeds and shows what is expected."""
        try:
            seen, answer = self.caller.call(operation, params)
        except Told as told:
            self.wrong(operation, what, told)
            raise
        self.wrong(operation, what, differs(status, seen, "status") or differs(expect or {}, answer))
        self.row(operation)["shows"].append({"status": seen, "what": what})
        return answer

    def quiet(self, operation, **params):
        """A call that only prepares."""
        return self.caller.call(operation, params)[1]

    def refused(self, operation, kind, status, what, message="", **params):
        """A call that is refused."""
        try:
            told = Told(*self.caller.call(operation, params)[:1], "", "not refused")
        except Told as refusal:
            told = refusal
        self.wrong(operation, what, differs(kind, told.kind) or differs(status, told.status, "status") or (None if message in told.message else f"message {told.message!r}"))
        self.row(operation)["refuses"].append({"status": told.status, "type": told.kind, "what": what})

    def unserved(self, operation, reason, service="s3"):
        """An operation that this server does not serve, and says so."""
        self.row(operation)["reason"] = reason
        told = self.plain(operation, service)
        self.wrong(operation, "not served", differs((501, "NotImplemented"), told[:2]) or (None if operation in told[2] else told[2]))

    def plain(self, operation, service):
        method, path = self.operations[operation].split(" ")
        path = path.replace("{Bucket}", self.bucket).replace("{Key+}", "key")
        if operation.startswith(("Get", "Put", "Delete")) and any(word in operation for word in ("Analytics", "Inventory", "Metrics", "Tiering")):
            path += "&id=1"
        request = AWSRequest(method=method, url=f"{self.endpoint.scheme}://{self.endpoint.netloc}{path}", data=b"")
        S3SigV4Auth(Credentials("test", "test"), service, "us-east-1").add_auth(request)
        connection = http.client.HTTPConnection(self.endpoint.netloc, timeout=60)
        try:
            connection.request(method, path, headers=dict(request.headers.items()))
            answer = connection.getresponse()
            said = xml.fromstring(answer.read() or b"<None/>")
        finally:
            connection.close()
        return answer.status, said.findtext("Code"), said.findtext("Message")

    def wrong(self, operation, what, fault):
        if fault:
            self.row(operation)["wrong"].append(f"{what}: {fault}")

    def row(self, operation):
        return self.rows.setdefault(operation, {"operation": operation, "shows": [], "refuses": [], "reason": None, "wrong": []})

    def report(self):
        for operation in self.operations:
            print(json.dumps(self.row(operation)))
