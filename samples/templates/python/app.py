import json


def handler(event, context):
    name = (event.get("queryStringParameters") or {}).get("name", "World")
    return {"statusCode": 200, "body": json.dumps(f"Hello {name}!")}
