"""Calls InvokeWithResponseStream and prints what came: python3 stream.py <endpoint> <lambda.json> <function> <payload>"""
import json
import sys

from botocore.eventstream import EventStreamBuffer
from plain import Model, PlainClient

endpoint, model, function, payload = sys.argv[1:]
answer = PlainClient(endpoint, Model(model)).call("InvokeWithResponseStream", FunctionName=function, Payload=payload)
buffer = EventStreamBuffer()
buffer.add_data(answer["EventStream"])
events = [(event.headers[":event-type"], event.payload) for event in buffer]
print(json.dumps({
    "body": b"".join(payload for kind, payload in events if kind == "PayloadChunk").decode(),
    "end": [json.loads(payload) for kind, payload in events if kind == "InvokeComplete"],
}))
