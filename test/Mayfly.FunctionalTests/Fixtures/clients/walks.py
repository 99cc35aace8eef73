"""How a walk through all operations of an API calls, checks and reports."""
import json
import time

from callers import Boto3, Cli, Plain, Told
from checking import differs
from plain import Model

CALLERS = {"boto3": Boto3, "cli": Cli, "json": Plain}


class ServiceWalk:
    def __init__(self, service, client, endpoint, model, region):
        self.model, self.region = Model(model), region
        self.caller = CALLERS[client](service, endpoint, region, self.model)
        self.endpoint, self.rows = endpoint, {}

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

    def refused(self, operation, kind, what, message="", status=400, **params):
        """A call that is refused."""
        told = self._refusal(operation, params)
        self.wrong(operation, what, differs(kind, told.kind) or (None if told.status in (status, None) else f"status {told.status}") or (None if told.message and message in told.message else f"message {told.message!r}"))
        self.row(operation)["refuses"].append({"status": status, "type": told.kind, "what": what})

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
