"""What is set beside a function: concurrency, events, recursion, runtime management, scaling."""
from functions import ARN, NAME, NOBODY
from walking import PREFIX


def show(walk):
    walk.ok("PutFunctionConcurrency", "the reserved number", {"ReservedConcurrentExecutions": 7}, FunctionName=NAME, ReservedConcurrentExecutions=7)
    walk.refused("PutFunctionConcurrency", "InvalidParameterValueException", "more than the account leaves", "minimum value of [100]", FunctionName=NAME, ReservedConcurrentExecutions=901)
    walk.ok("GetFunctionConcurrency", "the reserved number", {"ReservedConcurrentExecutions": 7}, FunctionName=NAME)
    walk.refused("GetFunctionConcurrency", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteFunctionConcurrency", "it is gone", FunctionName=NAME)
    walk.refused("DeleteFunctionConcurrency", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    assert "ReservedConcurrentExecutions" not in walk.client.get_function_concurrency(FunctionName=NAME)
    provisioned(walk)
    events(walk)

    walk.ok("PutFunctionRecursionConfig", "the mode", {"RecursiveLoop": "Allow"}, FunctionName=NAME, RecursiveLoop="Allow")
    walk.refused("PutFunctionRecursionConfig", "ValidationException", "a mode that there is not", FunctionName=NAME, RecursiveLoop="Perhaps")
    walk.ok("GetFunctionRecursionConfig", "the mode", {"RecursiveLoop": "Allow"}, FunctionName=NAME)
    walk.refused("GetFunctionRecursionConfig", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)

    build = walk.plain.call("GetFunction", FunctionName=NAME)["Configuration"]["RuntimeVersionConfig"]["RuntimeVersionArn"]
    walk.ok("PutRuntimeManagementConfig", "a runtime that stays", {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": build, "FunctionArn": ARN + ":$LATEST"}, FunctionName=NAME, UpdateRuntimeOn="Manual", RuntimeVersionArn=build)
    walk.refused("PutRuntimeManagementConfig", "InvalidParameterValueException", "`Manual` without a runtime", FunctionName=NAME, UpdateRuntimeOn="Manual")
    walk.ok("GetRuntimeManagementConfig", "what was put", {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": build}, FunctionName=NAME)
    walk.refused("GetRuntimeManagementConfig", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)

    bounds = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 3}
    walk.ok("PutFunctionScalingConfig", "the bounds are kept", {"FunctionState": "Active"}, FunctionName=NAME, Qualifier="2", FunctionScalingConfig=bounds)
    walk.refused("PutFunctionScalingConfig", "InvalidParameterValueException", "the least above the most", FunctionName=NAME, Qualifier="2", FunctionScalingConfig={"MinExecutionEnvironments": 4, "MaxExecutionEnvironments": 3})
    walk.ok("GetFunctionScalingConfig", "the bounds", {"FunctionArn": ARN + ":2", "AppliedFunctionScalingConfig": bounds, "RequestedFunctionScalingConfig": bounds}, FunctionName=NAME, Qualifier="2")
    walk.refused("GetFunctionScalingConfig", "ResourceNotFoundException", "no such function", FunctionName=NOBODY, Qualifier="2")


def provisioned(walk):
    walk.ok("PutProvisionedConcurrencyConfig", "the number, `IN_PROGRESS`", {"RequestedProvisionedConcurrentExecutions": 1, "Status": "IN_PROGRESS"}, FunctionName=NAME, Qualifier="2", ProvisionedConcurrentExecutions=1)
    walk.refused("PutProvisionedConcurrencyConfig", "InvalidParameterValueException", "`$LATEST`", FunctionName=NAME, Qualifier="$LATEST", ProvisionedConcurrentExecutions=1)
    walk.ok("GetProvisionedConcurrencyConfig", "how far it is", {"RequestedProvisionedConcurrentExecutions": 1, "Status": lambda it: it in ("IN_PROGRESS", "READY")}, FunctionName=NAME, Qualifier="2")
    walk.ok("ListProvisionedConcurrencyConfigs", "those of the function", {"ProvisionedConcurrencyConfigs": lambda it: [one["FunctionArn"] for one in it] == [ARN + ":2"]}, FunctionName=NAME)
    walk.refused("ListProvisionedConcurrencyConfigs", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteProvisionedConcurrencyConfig", "it is gone", FunctionName=NAME, Qualifier="2")
    walk.refused("DeleteProvisionedConcurrencyConfig", "ResourceNotFoundException", "no such version", FunctionName=NAME, Qualifier="17")
    walk.refused("GetProvisionedConcurrencyConfig", "ProvisionedConcurrencyConfigNotFoundException", "it has none", FunctionName=NAME, Qualifier="2")


def events(walk):
    target = PREFIX + "function:walk-two"
    walk.ok("PutFunctionEventInvokeConfig", "attempts, age and destination", {"FunctionArn": ARN + ":$LATEST", "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnFailure": {"Destination": target}}},
        FunctionName=NAME, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": target}})
    walk.refused("PutFunctionEventInvokeConfig", "InvalidParameterValueException", "the function as its own destination", FunctionName=NAME, DestinationConfig={"OnFailure": {"Destination": ARN}})
    walk.ok("UpdateFunctionEventInvokeConfig", "what was given is changed, the rest stays", {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}, FunctionName=NAME, MaximumRetryAttempts=0)
    walk.refused("UpdateFunctionEventInvokeConfig", "ResourceNotFoundException", "it has none", FunctionName="walk-two", MaximumRetryAttempts=0)
    walk.ok("GetFunctionEventInvokeConfig", "what was put", {"MaximumRetryAttempts": 0, "LastModified": lambda it: it is not None}, FunctionName=NAME)
    walk.refused("GetFunctionEventInvokeConfig", "ResourceNotFoundException", "it has none", FunctionName="walk-two")
    walk.ok("ListFunctionEventInvokeConfigs", "those of the function", {"FunctionEventInvokeConfigs": lambda it: [one["FunctionArn"] for one in it] == [ARN + ":$LATEST"]}, FunctionName=NAME)
    walk.refused("ListFunctionEventInvokeConfigs", "ResourceNotFoundException", "no such function", FunctionName=NOBODY)
    walk.ok("DeleteFunctionEventInvokeConfig", "it is gone", FunctionName=NAME)
    walk.refused("DeleteFunctionEventInvokeConfig", "ResourceNotFoundException", "it has none", FunctionName=NAME)
