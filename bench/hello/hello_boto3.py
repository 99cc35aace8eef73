import json

import boto3


def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps("Hello World!"), "boto3": boto3.__version__}
