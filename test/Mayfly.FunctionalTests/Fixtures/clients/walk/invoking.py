"""Invoke, InvokeAsync, InvokeWithResponseStream."""
import base64
import json

from botocore.eventstream import EventStreamBuffer

from functions import ARN, NAME, NOBODY


def show(walk):
    answer = walk.ok("Invoke", "the result, the version, and the log's tail", {"StatusCode": 200, "ExecutedVersion": "$LATEST", "FunctionError": None, "Payload": lambda it: json.loads(it)["got"] == {"n": 1}},
        FunctionName=NAME, Payload=json.dumps({"n": 1}).encode(), LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert all(part in log for part in ("START RequestId: ", 'seen {"n": 1}', "END RequestId: ", "REPORT RequestId: ")), log
    walk.ok("Invoke", "an alias, by the ARN", {"ExecutedVersion": "2", "Payload": lambda it: json.loads(it)["version"] == "2"}, FunctionName=ARN + ":live", Payload=b"{}")
    walk.ok("Invoke", "a function's exception: still 200, `FunctionError` `Unhandled`", {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": lambda it: json.loads(it)["errorType"] == "ValueError"}, FunctionName=NAME, Payload=b'"fail"')
    walk.ok("Invoke", "`DryRun`", {"StatusCode": 204}, status=204, FunctionName=NAME, InvocationType="DryRun")
    walk.ok("Invoke", "`Event`", {"StatusCode": 202, "Payload": b""}, status=202, FunctionName=NAME, InvocationType="Event", Payload=b"{}")
    walk.refused("Invoke", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, Payload=b"{}")
    walk.refused("Invoke", "InvalidRequestContentException", "a payload that is no JSON", FunctionName=NAME, Payload=b"{")

    walk.ok("InvokeAsync", "an event is taken", {"Status": 202}, FunctionName=NAME, InvokeArgs=b'{"n": 2}')
    walk.refused("InvokeAsync", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, InvokeArgs=b"{}")

    # The stream is read from its bytes, whether or not the installed boto3 knows the operation.
    target = f"/2021-11-15/functions/{NAME}/response-streaming-invocations"
    status, headers, body = walk.plain.send("POST", target, {"X-Amz-Log-Type": "Tail"}, b'{"n": 3}')
    assert (status, headers["content-type"], headers["x-amz-executed-version"]) == (200, "application/vnd.amazon.eventstream", "$LATEST"), (status, headers, body)
    buffer = EventStreamBuffer()
    buffer.add_data(body)
    events = [(event.headers[":event-type"], event.payload) for event in buffer]
    assert [kind for kind, _ in events[:-1]] == ["PayloadChunk"] * (len(events) - 1) and events[-1][0] == "InvokeComplete", events
    assert json.loads(b"".join(payload for _, payload in events[:-1]))["got"] == {"n": 3}, events
    assert "REPORT RequestId: " in base64.b64decode(json.loads(events[-1][1])["LogResult"]).decode()
    walk.row("InvokeWithResponseStream")["shows"].append({"status": status, "what": "an event stream: chunks, then the end with the log's tail"})
    walk.refused("InvokeWithResponseStream", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, Payload=b"{}")
