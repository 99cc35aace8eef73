import base64
import json


def handler(event, context):
    """Answers with exactly the JSON that it was sent."""
    body = event["body"]
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body)
    return json.loads(body)
