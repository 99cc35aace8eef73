"""Three clients of an API that speaks AWS JSON: boto3, the aws command line, and a signed plain HTTP request for what those do not know yet."""
import contextlib
import http.client
import io
import json
import os
import re
import sys
import urllib.parse

# First of all: it brings a botocore of its own, which must not be mixed with boto3's.
if "cli" in sys.argv:
    from awscli.clidriver import create_clidriver

from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


# What stands before an operation's name in the header, and the version of AWS JSON.
TARGETS = {"events": ("AWSEvents", "1.1"), "sqs": ("AmazonSQS", "1.0")}


class Told(Exception):
    """What the service refused, as it said so."""

    def __init__(self, status, kind, message):
        self.status, self.kind, self.message = status, kind, message
        super().__init__(f"{status} {kind}: {message}")


class Plain:
    def __init__(self, service, endpoint, region, model):
        self.service, self.endpoint, self.region, self.model = service, urllib.parse.urlsplit(endpoint), region, model

    def call(self, operation, params):
        body = json.dumps(params).encode()
        target, version = TARGETS[self.service]
        headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": f"application/x-amz-json-{version}"}
        request = AWSRequest(method="POST", url=f"{self.endpoint.scheme}://{self.endpoint.netloc}/", data=body, headers=headers)
        SigV4Auth(Credentials("test", "test"), self.service, self.region).add_auth(request)
        connection = http.client.HTTPConnection(self.endpoint.netloc, timeout=60)
        try:
            connection.request("POST", "/", body=body, headers=dict(request.headers.items()))
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 300:
            kind = (answer.headers.get("x-amzn-query-error") or said["__type"]).split(";")[0]
            raise Told(answer.status, kind, said.get("message") or said.get("Message"))
        return answer.status, said, faults(self.model, operation, said)


class Boto3:
    def __init__(self, service, endpoint, region, model):
        import boto3
        from botocore.config import Config

        config = Config(retries={"total_max_attempts": 1}, read_timeout=60, parameter_validation=False)
        self.client = boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id="test", aws_secret_access_key="test", config=config)
        self.client.meta.events.register(f"after-call.{service}", self._keep)
        self.known = set(self.client.meta.service_model.operation_names)
        self.plain, self.model, self.raw = Plain(service, endpoint, region, model), model, b""

    def call(self, operation, params):
        if operation not in self.known:
            return self.plain.call(operation, params)
        try:
            answer = getattr(self.client, xform_name(operation))(**params)
        except self.client.exceptions.ClientError as error:
            said = error.response
            raise Told(said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"], said["Error"]["Message"]) from error
        wrong = [] if self.raw.startswith(b"<") else faults(self.model, operation, json.loads(self.raw or b"{}"))
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer, wrong

    def _keep(self, http_response, **_):
        # What boto3 drops because it does not know it must not pass unseen.
        self.raw = http_response.content


class Cli:
    """The command line's own program, in this process: starting it for each call would take longer than all calls."""

    def __init__(self, service, endpoint, region, model):
        os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_MAX_ATTEMPTS="1", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true")
        self.driver, self.plain = create_clidriver(), Plain(service, endpoint, region, model)
        self.service = service
        self.known = {xform_name(name, "-") for name in self.driver.session.get_service_model(service).operation_names}
        self.words = ["--endpoint-url", endpoint, "--region", region, "--output", "json", "--no-paginate"]

    def call(self, operation, params):
        command = xform_name(operation, "-")
        if command not in self.known:
            return self.plain.call(operation, params)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = self.driver.main([self.service, command, "--cli-input-json", json.dumps(params), *self.words])
        if status == 0:
            return 200, json.loads(out.getvalue() or "{}"), []
        told = re.search(r"An error occurred \(([\w.]+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)", err.getvalue(), re.DOTALL)
        if not told:
            raise AssertionError(f"{operation}: {status} {out.getvalue()} {err.getvalue()}")
        raise Told(None, told[1], told[2].strip())


def faults(model, operation, said):
    output = model.operations[operation].get("output")
    return model.faults(output, said) if output else [f"a body where none belongs: {said}"] if said else []
