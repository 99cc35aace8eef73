"""Makes the calls with one client and prints what it was told: python3 run.py cli|boto3|plain <endpoint> <region> <lambda.json>"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from steps import steps


def opened(value, blob):
    """The parameters with their blobs as this client wants them."""
    if isinstance(value, dict):
        return blob(value["@blob"]) if "@blob" in value else {key: opened(inner, blob) for key, inner in value.items()}
    return [opened(inner, blob) for inner in value] if isinstance(value, list) else value


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


class Cli:
    """The command line, a process a call."""
    waits = {"FunctionExists", "FunctionActiveV2", "FunctionUpdatedV2", "PublishedVersionActive"}

    def __init__(self, endpoint, region, _):
        self.command = [os.environ.get("AWS_CLI", "aws"), "lambda", "--endpoint-url", endpoint, "--region", region, "--output", "json", "--no-paginate"]
        self.folder = tempfile.mkdtemp()

    def wait(self, what, params):
        self._run("wait", kebab(what), "--cli-input-json", json.dumps(params))

    def call(self, operation, params):
        path = os.path.join(self.folder, "answer")
        params = opened(params, lambda text: text)
        if operation == "Invoke":
            said = self._run("invoke", *(word for key, value in params.items() for word in ("--" + kebab(key), value)), path)
        else:
            said = self._run(kebab(operation), "--cli-input-json", json.dumps(params))
        answer = json.loads(said) if said.strip() else {}
        if operation == "Invoke":
            with open(path) as file:
                answer["Payload"] = file.read()
        return None, answer

    def _run(self, *words):
        done = subprocess.run([*self.command, *words], capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            return done.stdout
        told = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)", done.stderr, re.DOTALL)
        if not told:
            raise AssertionError(f"{words}: {done.stdout} {done.stderr}")
        raise Told(None, told[1], told[2].rstrip("\n"))


class Boto3:
    waits = {"FunctionExists", "FunctionActiveV2", "FunctionUpdatedV2", "PublishedVersionActive"}

    def __init__(self, endpoint, region, _):
        import boto3
        from botocore.config import Config
        self.client = boto3.client("lambda", endpoint_url=endpoint, region_name=region, config=Config(retries={"total_max_attempts": 1}, read_timeout=120))

    def wait(self, what, params):
        from botocore import xform_name
        self.client.get_waiter(xform_name(what)).wait(**params, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def call(self, operation, params):
        from botocore import xform_name
        from botocore.exceptions import ClientError
        try:
            answer = getattr(self.client, xform_name(operation))(**opened(params, base64.b64decode))
        except ClientError as error:
            raise Told(error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
        if "Payload" in answer:
            answer["Payload"] = answer["Payload"].read().decode()
        return answer.pop("ResponseMetadata")["HTTPStatusCode"], answer


class Plain:
    """Has no waiters: it asks until it is so."""
    waits = set()

    def __init__(self, endpoint, region, model):
        from plain import Model, PlainClient
        self.client = PlainClient(endpoint, Model(model), region)

    def wait(self, what, params):
        for _ in range(600):
            seen = self.client.call("GetFunctionConfiguration", **params)
            if seen["State"] == "Active" and seen["LastUpdateStatus"] == "Successful":
                return
            time.sleep(0.1)
        raise AssertionError(what)

    def call(self, operation, params):
        from plain import Refused
        try:
            answer = self.client.call(operation, **opened(params, base64.b64decode))
        except Refused as error:
            raise Told(error.status, error.type, error.message) from error
        if "Payload" in answer:
            answer["Payload"] = answer["Payload"].decode()
        return answer.pop("ResponseMetadata")["HTTPStatusCode"], answer


class Told(Exception):
    """An error as the client told it."""


client = {"cli": Cli, "boto3": Boto3, "plain": Plain}[sys.argv[1]](*sys.argv[2:5])
for call, params in steps(sys.argv[3]):
    line = {"call": call}
    if call.startswith("wait:"):
        client.wait(call[5:], params)
    else:
        try:
            line["status"], line["answer"] = client.call(call, params)
        except Told as told:
            line["status"], line["error"], line["message"] = told.args
    print(json.dumps(line, default=str), flush=True)
