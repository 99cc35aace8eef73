"""Buckets and what is set up about them."""
import json

NOBODY = "nobody-has-this"
TAGS = {"TagSet": [{"Key": "stage", "Value": "dev"}, {"Key": "team", "Value": "shop"}]}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:none"

# Operation's noun, parameter, configuration, the code where there is none, and its deletion.
SETTINGS = (
    ("BucketCors", "CORSConfiguration", {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"], "MaxAgeSeconds": 60}]}, "NoSuchCORSConfiguration", "DeleteBucketCors"),
    ("BucketLifecycleConfiguration", "LifecycleConfiguration", {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}]}, "NoSuchLifecycleConfiguration", "DeleteBucketLifecycle"),
    ("BucketEncryption", "ServerSideEncryptionConfiguration", {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}, "ServerSideEncryptionConfigurationNotFoundError", "DeleteBucketEncryption"),
    ("BucketOwnershipControls", "OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}, "OwnershipControlsNotFoundError", "DeleteBucketOwnershipControls"),
    ("PublicAccessBlock", "PublicAccessBlockConfiguration", {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}, "NoSuchPublicAccessBlockConfiguration", "DeletePublicAccessBlock"),
    ("BucketWebsite", "WebsiteConfiguration", {"IndexDocument": {"Suffix": "index.html"}}, "NoSuchWebsiteConfiguration", "DeleteBucketWebsite"),
    ("BucketTagging", "Tagging", TAGS, "NoSuchTagSet", "DeleteBucketTagging"),
)


def show(walk):
    bucket = walk.bucket
    walk.ok("CreateBucket", "its path and ARN", {"Location": f"/{bucket}", "BucketArn": f"arn:aws:s3:::{bucket}"}, Bucket=bucket)
    walk.ok("CreateBucket", "again, by its owner, in the oldest region", {"Location": f"/{bucket}"}, Bucket=bucket)
    walk.refused("CreateBucket", "InvalidBucketName", 400, "a name that is too short", "The specified bucket is not valid.", Bucket="ab")
    walk.ok("ListBuckets", "names, with times and regions", {"Buckets": lambda it: bucket in [one["Name"] for one in it] and all(one["BucketRegion"] for one in it)})
    walk.ok("ListBuckets", "a page", {"Buckets": lambda it: len(it) == 1}, MaxBuckets=1, Prefix=bucket)
    walk.ok("HeadBucket", "its region", {"BucketRegion": "us-east-1"}, Bucket=bucket)
    walk.refused("HeadBucket", "404", 404, "no such bucket", Bucket=NOBODY)
    walk.ok("GetBucketLocation", "nothing for the oldest region", {"LocationConstraint": None}, Bucket=bucket)
    walk.quiet("CreateBucket", Bucket=bucket + "-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    walk.ok("GetBucketLocation", "another region's name", {"LocationConstraint": "eu-west-1"}, Bucket=bucket + "-eu")
    walk.refused("CreateBucket", "BucketAlreadyOwnedByYou", 409, "again, elsewhere", Bucket=bucket + "-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    walk.ok("DeleteBucket", "it is gone", status=204, Bucket=bucket + "-eu")
    walk.refused("GetBucketLocation", "NoSuchBucket", 404, "no such bucket", "The specified bucket does not exist", Bucket=NOBODY)
    for noun, name, value, code, delete in SETTINGS:
        walk.refused(f"Get{noun}", code, 404, "there is none", Bucket=bucket)
        walk.ok(f"Put{noun}", "it is kept", status=204 if name == "Tagging" else 200, Bucket=bucket, **{name: value})
        walk.ok(f"Get{noun}", "what was put", value if name in ("CORSConfiguration", "LifecycleConfiguration", "WebsiteConfiguration", "Tagging") else {name: value}, Bucket=bucket)
        walk.refused(f"Put{noun}", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY, **{name: value})
        if noun == "BucketLifecycleConfiguration":
            old_lifecycle(walk)
        walk.ok(delete, "it is gone", status=204, Bucket=bucket)
        walk.refused(f"Get{noun}", code, 404, "it was deleted", Bucket=bucket)
        walk.refused(delete, "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY)
    walk.refused("PutBucketCors", "InvalidRequest", 400, "a method that S3 has none of", "Unsupported method is PATCH", Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]})
    walk.refused("PutBucketLifecycleConfiguration", "InvalidArgument", 400, "no days", Bucket=bucket, LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 0}}]})
    walk.refused("PutBucketTagging", "InvalidTag", 400, "the same key twice", "Cannot provide multiple Tags with the same key", Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})
    policies(walk)
    others(walk)
    notifications(walk)


def old_lifecycle(walk):
    rule = {"ID": "older", "Status": "Enabled", "Prefix": "tmp/", "Expiration": {"Days": 1}}
    walk.ok("PutBucketLifecycle", "the older form", Bucket=walk.bucket, LifecycleConfiguration={"Rules": [rule]})
    walk.ok("GetBucketLifecycle", "the older form", {"Rules": lambda it: it[0]["Prefix"] == "tmp/"}, Bucket=walk.bucket)
    walk.refused("GetBucketLifecycle", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY)
    walk.refused("PutBucketLifecycle", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY, LifecycleConfiguration={"Rules": [rule]})


def policies(walk):
    bucket = walk.bucket
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]})
    for operation in ("GetBucketPolicy", "GetBucketPolicyStatus"):
        walk.refused(operation, "NoSuchBucketPolicy", 404, "there is none", Bucket=bucket)
    walk.ok("PutBucketPolicy", "it is kept; nobody is kept out by it", status=204, Bucket=bucket, Policy=policy)
    walk.ok("GetBucketPolicy", "what was put", {"Policy": policy}, Bucket=bucket)
    walk.ok("GetBucketPolicyStatus", "it lets everybody in", {"PolicyStatus": {"IsPublic": True}}, Bucket=bucket)
    walk.refused("PutBucketPolicy", "MalformedPolicy", 400, "no JSON", Bucket=bucket, Policy="policy")
    walk.refused("PutBucketPolicy", "PolicyTooLarge", 400, "more than 20 KB", Bucket=bucket, Policy=policy.replace("2012-10-17", "2" * 20480))
    walk.ok("DeleteBucketPolicy", "it is gone", status=204, Bucket=bucket)
    walk.refused("DeleteBucketPolicy", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY)


def others(walk):
    bucket = walk.bucket
    walk.ok("GetBucketAcl", "the owner may everything", {"Grants": lambda it: [one["Permission"] for one in it] == ["FULL_CONTROL"]}, Bucket=bucket)
    walk.ok("PutBucketAcl", "a list by its name", Bucket=bucket, ACL="public-read")
    walk.ok("GetBucketAcl", "that list", {"Grants": lambda it: [one["Permission"] for one in it] == ["FULL_CONTROL", "READ"]}, Bucket=bucket)
    walk.refused("PutBucketAcl", "InvalidArgument", 400, "no such list", Bucket=bucket, ACL="everybody")
    walk.refused("GetBucketAcl", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY)
    for noun, name, value, empty in (
        ("BucketLogging", "BucketLoggingStatus", {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "l/"}}, {"LoggingEnabled": None}),
        ("BucketAccelerateConfiguration", "AccelerateConfiguration", {"Status": "Enabled"}, {"Status": None}),
        ("BucketRequestPayment", "RequestPaymentConfiguration", {"Payer": "Requester"}, {"Payer": "BucketOwner"}),
    ):
        walk.ok(f"Get{noun}", "as it is at first", empty, Bucket=bucket)
        walk.ok(f"Put{noun}", "it is kept, without effect", Bucket=bucket, **{name: value})
        walk.ok(f"Get{noun}", "what was put", value, Bucket=bucket)
        walk.refused(f"Get{noun}", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY)
        walk.refused(f"Put{noun}", "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY, **{name: value})
    walk.refused("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", 404, "objects are never locked", Bucket=bucket)


def notifications(walk):
    bucket = walk.bucket
    one = {"Id": "one", "LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}
    walk.ok("GetBucketNotificationConfiguration", "nobody is told at first", {"LambdaFunctionConfigurations": None, "EventBridgeConfiguration": None}, Bucket=bucket)
    walk.refused("PutBucketNotificationConfiguration", "InvalidArgument", 400, "there is no such function", "Unable to validate the following destination configurations", Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one]})
    walk.ok("PutBucketNotificationConfiguration", "a function with a filter, unchecked, and the event bus", Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one], "EventBridgeConfiguration": {}}, SkipDestinationValidation=True)
    walk.ok("GetBucketNotificationConfiguration", "what was put", {"LambdaFunctionConfigurations": lambda it: it[0]["Id"] == "one" and it[0]["Filter"]["Key"]["FilterRules"][0]["Value"] == "in/", "EventBridgeConfiguration": {}}, Bucket=bucket)
    walk.refused("PutBucketNotificationConfiguration", "InvalidArgument", 400, "two for the same change", "overlapping", Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one, {**one, "Id": "two"}]}, SkipDestinationValidation=True)
    walk.ok("PutBucketNotificationConfiguration", "an empty one turns all off", Bucket=bucket, NotificationConfiguration={})
    walk.ok("PutBucketNotification", "the older form", Bucket=bucket, NotificationConfiguration={})
    walk.ok("GetBucketNotification", "the older form", Bucket=bucket)
    for operation, params in {"GetBucketNotification": {}, "PutBucketNotification": {"NotificationConfiguration": {}}, "GetBucketNotificationConfiguration": {}}.items():
        walk.refused(operation, "NoSuchBucket", 404, "no such bucket", Bucket=NOBODY, **params)


def unserved(walk):
    reasons = {
        "reports about large buckets are not made": ("Analytics", "Inventory", "Metrics", "IntelligentTiering"),
        "there is one server to keep objects on": ("Replication",),
        "tables of metadata are not kept": ("Metadata",),
        "access is not decided by tags": ("Abac",),
        "objects are never locked": ("Retention", "LegalHold", "PutObjectLock"),
        "directory buckets are another kind of store": ("CreateSession", "ListDirectoryBuckets", "RenameObject"),
        "objects are not encrypted": ("UpdateObjectEncryption",),
        "objects are never archived": ("RestoreObject",),
        "S3 gave this up": ("SelectObjectContent", "Torrent"),
        "it belongs to S3 Object Lambda, which is not here": ("WriteGetObjectResponse",),
    }
    for operation in walk.operations:
        reason = next((reason for reason, words in reasons.items() if any(word in operation for word in words)), None)
        if reason:
            walk.unserved(operation, reason, "s3express" if operation in ("ListDirectoryBuckets", "CreateSession") else "s3")


def remove(walk):
    walk.ok("DeleteBucket", "it is gone", status=204, Bucket=walk.bucket)
    walk.refused("DeleteBucket", "NoSuchBucket", 404, "it was deleted", Bucket=walk.bucket)
