"""A client of a REST-JSON service: a table of its model, the standard library, and botocore's signer. No SDK."""
import base64
import http.client
import json
import re
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


# What the service says although its model does not know it.
UNLISTED = {"LastUpdateStatusReasonCode": ["Creating"]}


class Refused(Exception):
    """What the service refused, as it said so."""

    def __init__(self, operation, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        said = json.loads(body) if body else {}
        self.type = headers.get("x-amzn-errortype", "").split(":")[0]
        self.message = said.get("message") or said.get("Message")
        self.said = said
        super().__init__(f"{operation}: {status} {self.type}: {self.message}")


class Model:
    def __init__(self, path):
        with open(path) as file:
            table = json.load(file)
        self.operations = {operation["name"]: operation for operation in table["operations"]}
        self.shapes = table["shapes"]

    def faults(self, name, value, path=""):
        """What does not agree with the model in a value that came as JSON."""
        shape = self.shapes[name]
        kind = shape["type"]
        types = {"structure": dict, "map": dict, "list": list, "string": str, "blob": str, "boolean": bool, "integer": int, "long": int, "double": (int, float), "float": (int, float)}
        if kind == "timestamp":
            return [] if isinstance(value, (int, float, str)) else [f"{path}: {value!r} is no time"]
        if not isinstance(value, types[kind]) or kind in ("integer", "long") and isinstance(value, bool):
            return [f"{path}: {value!r} is no {kind}"]
        faults = []
        if kind == "structure":
            body = {member.get("wire", key): member for key, member in shape["members"].items() if member.get("in") in (None, "status")}
            for key, inner in value.items():
                faults += self.faults(body[key]["shape"], inner, f"{path}.{key}") if key in body else [f"{path}.{key} is not in the model"]
        elif kind == "map":
            for key, inner in value.items():
                faults += self.faults(shape["key"], key, f"{path}[{key}]") + self.faults(shape["value"], inner, f"{path}[{key}]")
        elif kind == "list":
            for index, inner in enumerate(value):
                faults += self.faults(shape["member"], inner, f"{path}[{index}]")
        elif "enum" in shape and value not in shape["enum"] + UNLISTED.get(name, []):
            faults.append(f"{path}: {value!r} is none of {shape['enum']}")
        return faults


class PlainClient:
    def __init__(self, endpoint, model, region="us-east-1", key="test", secret="test", service="lambda"):
        self.model, self.region, self.service = model, region, service
        self.credentials = Credentials(key, secret)
        self.endpoint = urllib.parse.urlsplit(endpoint)

    def call(self, operation, **params):
        """Makes a call; the answer is as boto3 gives it, with dates as they were sent."""
        known = self.model.operations[operation]
        status, headers, body = self.send(known["method"], *self._request(known, params))
        if status >= 300:
            raise Refused(operation, status, headers, body)
        return self._answer(known, status, headers, body)

    def send(self, method, target, headers, body):
        """Signs and sends; gives the status, the headers in lower case, and the body."""
        request = AWSRequest(method=method, url=f"{self.endpoint.scheme}://{self.endpoint.netloc}{target}", data=body, headers=headers)
        SigV4Auth(self.credentials, self.service, self.region).add_auth(request)
        connection = http.client.HTTPConnection(self.endpoint.netloc, timeout=120)
        try:
            connection.request(method, target, body=body, headers=dict(request.headers.items()))
            answer = connection.getresponse()
            return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def _request(self, operation, params):
        path, _, fixed = operation["path"].partition("?")
        query = urllib.parse.parse_qsl(fixed, keep_blank_values=True)
        headers, members, body = {}, {}, None
        shape = self.model.shapes[operation["input"]]
        for name, value in params.items():
            member = shape["members"][name]
            where, wire = member.get("in"), member.get("wire", name)
            if where == "uri":
                path = re.sub(r"\{" + wire + r"\+?\}", lambda _: urllib.parse.quote(str(value), safe="~"), path)
            elif where == "query":
                query += [(wire, _text(one)) for one in (value if isinstance(value, list) else [value])]
            elif where == "header":
                headers[wire] = _text(value)
            elif shape.get("payload") == name:
                body = value if isinstance(value, (bytes, str)) else json.dumps(self._encoded(member["shape"], value))
            else:
                members[wire] = self._encoded(member["shape"], value)
        if body is None and any("in" not in member for member in shape["members"].values()) and "payload" not in shape:
            body = json.dumps(members)
        if body is not None:
            headers["Content-Type"] = "application/json"
        target = path + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")
        return target, headers, body.encode() if isinstance(body, str) else body

    def _encoded(self, name, value):
        shape = self.model.shapes[name]
        if shape["type"] == "blob":
            return base64.b64encode(value).decode()
        if shape["type"] == "structure":
            return {shape["members"][key].get("wire", key): self._encoded(shape["members"][key]["shape"], inner) for key, inner in value.items()}
        if shape["type"] == "list":
            return [self._encoded(shape["member"], inner) for inner in value]
        return value

    def _answer(self, operation, status, headers, body):
        answer = {"ResponseMetadata": {"HTTPStatusCode": status}}
        shape = self.model.shapes[operation["output"]] if "output" in operation else {"members": {}}
        for name, member in shape["members"].items():
            if member.get("in") == "status":
                answer[name] = status
            elif member.get("in") == "header" and member["wire"].lower() in headers:
                answer[name] = headers[member["wire"].lower()]
            elif shape.get("payload") == name:
                answer[name] = body
        if "payload" not in shape and body:
            said = json.loads(body)
            wrong = self.model.faults(operation["output"], said) if "output" in operation else [f"a body where none belongs: {body!r}"]
            assert not wrong, f"{operation['name']}: {wrong}"
            answer.update({key: value for key, value in said.items() if value is not None})
        return answer


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)
