"""A function whose import takes two seconds; `?until=` holds its instance until then."""
import json
import time

time.sleep(2)
tables = [list(range(1000)) for _ in range(200)]
calls = 0


def handler(event, context):
    global calls
    calls += 1
    until = (event.get("queryStringParameters") or {}).get("until")
    if until:
        time.sleep(max(0, float(until) - time.time()))
    return {"statusCode": 200, "body": json.dumps({"calls": calls, "rows": len(tables)})}
