import json
import os
import sys
import time


def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps("Hello World!")}


def about(event, context):
    return {"program": os.path.realpath(sys.executable)}


def waits(event, context):
    time.sleep(1)
    return "waited"
