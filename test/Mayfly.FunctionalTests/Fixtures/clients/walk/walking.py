"""How a walk through all operations of an API calls, checks and reports."""
import io
import json
import zipfile

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from checking import differs
from plain import Model, PlainClient, Refused

ROLE = "arn:aws:iam::000000000000:role/any"

# A region of its own: what lists and counts show is what the walk made.
REGION = "eu-north-1"
PREFIX = f"arn:aws:lambda:{REGION}:000000000000:"


def package(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name + ".py", (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


class Walk:
    """Calls with boto3 what the installed one knows, everything else with plain signed HTTP, and keeps what was shown."""

    def __init__(self, endpoint, model, service="lambda"):
        self.endpoint, self.model = endpoint, Model(model)
        self.plain = PlainClient(endpoint, self.model, REGION, service=service)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=120, parameter_validation=False)
        self.client = boto3.client(service, endpoint_url=endpoint, region_name=REGION, config=config)
        self.client.meta.events.register(f"after-call.{service}", self._compare)
        self.known = set(self.client.meta.service_model.operation_names)
        self.rows = {}

    def ok(self, operation, what, expect=None, *, status=None, **params):
        """A call that succeeds with the model's status and shows what is expected."""
        try:
            answer = self._call(operation, params)
        except (ClientError, Refused) as error:
            self.wrong(operation, what, error)
            raise
        seen = answer["ResponseMetadata"]["HTTPStatusCode"]
        wanted = status or self.model.operations[operation]["status"]
        self.wrong(operation, what, differs(wanted, seen, "status") or differs(expect or {}, answer))
        self.row(operation)["shows"].append({"status": seen, "what": what})
        return answer

    def refused(self, operation, kind, what, message=None, **params):
        """A call that is refused with an error of the model, or with one of the service's framework."""
        status, found, text = self._refusal(operation, params)
        wanted = self.model.shapes[kind]["status"] if kind in self.model.shapes else 400
        self.wrong(operation, what, differs((wanted, kind), (status, found)) or (None if text and (message or "") in text else f"message {text!r}"))
        self.row(operation)["refuses"].append({"status": status, "type": found, "what": what})

    def unserved(self, reason, operation, **params):
        """A call that this server does not serve, and says so."""
        status, found, text = self._refusal(operation, params)
        self.wrong(operation, "not served", differs((501, "NotImplementedException"), (status, found)) or (None if operation in text else f"message {text!r}"))
        self.row(operation)["reason"] = reason

    def wrong(self, operation, what, fault):
        if fault:
            self.row(operation)["wrong"].append(f"{what}: {fault}")

    def row(self, operation):
        return self.rows.setdefault(operation, {"operation": operation, "shows": [], "refuses": [], "reason": None, "wrong": []})

    def report(self):
        for operation in self.model.operations:
            print(json.dumps(self.row(operation)))

    def settled(self, name):
        self.client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def _refusal(self, operation, params):
        """Status, kind and message of a refusal."""
        try:
            answer = self._call(operation, params)
        except ClientError as error:
            said = error.response
            return said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"], said["Error"]["Message"]
        except Refused as error:
            return error.status, error.type, error.message
        return answer["ResponseMetadata"]["HTTPStatusCode"], None, str(answer)

    def _call(self, operation, params):
        if operation not in self.known or not self._knows(operation, params):
            return self.plain.call(operation, **params)
        answer = getattr(self.client, xform_name(operation))(**params)
        if hasattr(answer.get("Payload"), "read"):
            answer["Payload"] = answer["Payload"].read()
        return answer

    def _knows(self, operation, params):
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        return shape is not None and params.keys() <= shape.members.keys()

    def _compare(self, http_response, model, **_):
        """What boto3 drops because it does not know it must not pass unseen."""
        output = self.model.operations[model.name].get("output")
        if http_response.status_code < 300 and not model.has_streaming_output and http_response.content:
            faults = self.model.faults(output, json.loads(http_response.content)) if output else ["a body where none belongs"]
            self.wrong(model.name, "the answer's shape", ", ".join(faults))
