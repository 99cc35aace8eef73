"""Code signing configurations."""
from functions import ARN, NAME, NOBODY
from walking import PREFIX

PUBLISHERS = {"SigningProfileVersionArns": ["arn:aws:signer:eu-north-1:000000000000:/signing-profiles/mine/abcdefghij"]}
MISSING = PREFIX + "code-signing-config:csc-0123456789abcdef0"


def show(walk):
    made = walk.ok("CreateCodeSigningConfig", "ARN, publishers and policy", {"CodeSigningConfig": {"AllowedPublishers": PUBLISHERS, "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}}}, AllowedPublishers=PUBLISHERS)
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    walk.refused("CreateCodeSigningConfig", "ValidationException", "no publishers", AllowedPublishers={"SigningProfileVersionArns": []})
    walk.ok("GetCodeSigningConfig", "what was made", {"CodeSigningConfig": {"CodeSigningConfigArn": arn}}, CodeSigningConfigArn=arn)
    walk.refused("GetCodeSigningConfig", "ResourceNotFoundException", "no such configuration", CodeSigningConfigArn=MISSING)
    walk.ok("UpdateCodeSigningConfig", "the policy is changed", {"CodeSigningConfig": {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}, "AllowedPublishers": PUBLISHERS}}, CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"})
    walk.refused("UpdateCodeSigningConfig", "ResourceNotFoundException", "no such configuration", CodeSigningConfigArn=MISSING, Description="none")
    walk.ok("ListCodeSigningConfigs", "all", {"CodeSigningConfigs": lambda it: [one["CodeSigningConfigArn"] for one in it] == [arn]})
    walk.refused("ListCodeSigningConfigs", "ValidationException", "a page of no items", MaxItems=0)
    walk.ok("PutFunctionCodeSigningConfig", "the function has it", {"CodeSigningConfigArn": arn, "FunctionName": NAME}, FunctionName=NAME, CodeSigningConfigArn=arn)
    walk.refused("PutFunctionCodeSigningConfig", "CodeSigningConfigNotFoundException", "no such configuration", FunctionName=NAME, CodeSigningConfigArn=MISSING)
    walk.ok("GetFunctionCodeSigningConfig", "what the function has", {"CodeSigningConfigArn": arn}, FunctionName=NAME)
    walk.refused("GetFunctionCodeSigningConfig", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("ListFunctionsByCodeSigningConfig", "the functions that have it", {"FunctionArns": [ARN]}, CodeSigningConfigArn=arn)
    walk.refused("ListFunctionsByCodeSigningConfig", "ResourceNotFoundException", "no such configuration", CodeSigningConfigArn=MISSING)
    walk.refused("DeleteCodeSigningConfig", "ResourceConflictException", "a function has it", CodeSigningConfigArn=arn)
    walk.ok("DeleteFunctionCodeSigningConfig", "the function has none", FunctionName=NAME)
    walk.refused("DeleteFunctionCodeSigningConfig", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteCodeSigningConfig", "it is gone", CodeSigningConfigArn=arn)
    walk.refused("DeleteCodeSigningConfig", "ResourceNotFoundException", "one that is gone", CodeSigningConfigArn=arn)
