import time


def handler(event, context):
    time.sleep(32)
    return {"statusCode": 200, "body": "late"}
