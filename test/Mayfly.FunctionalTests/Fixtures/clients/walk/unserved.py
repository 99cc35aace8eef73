"""What this server does not serve: it says so, and the table says why."""
from functions import ARN, NAME

DURABLE = "durable executions are not served"
CAPACITY = "functions run on this machine: there are no capacity providers"
EXECUTION = ARN + ":2/durable-execution/one/" + "0" * 8


def show(walk):
    for operation, params in {
        "CheckpointDurableExecution": {"DurableExecutionArn": EXECUTION, "CheckpointToken": "dG9rZW4="},
        "GetDurableExecution": {"DurableExecutionArn": EXECUTION},
        "GetDurableExecutionHistory": {"DurableExecutionArn": EXECUTION},
        "GetDurableExecutionState": {"DurableExecutionArn": EXECUTION, "CheckpointToken": "dG9rZW4="},
        "ListDurableExecutionsByFunction": {"FunctionName": NAME},
        "SendDurableExecutionCallbackFailure": {"CallbackId": "dG9rZW4="},
        "SendDurableExecutionCallbackHeartbeat": {"CallbackId": "dG9rZW4="},
        "SendDurableExecutionCallbackSuccess": {"CallbackId": "dG9rZW4="},
        "StopDurableExecution": {"DurableExecutionArn": EXECUTION},
    }.items():
        walk.unserved(DURABLE, operation, **params)
    for operation, params in {
        "CreateCapacityProvider": {"CapacityProviderName": "mine", "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::000000000000:role/any"}},
        "DeleteCapacityProvider": {"CapacityProviderName": "mine"},
        "GetCapacityProvider": {"CapacityProviderName": "mine"},
        "ListCapacityProviders": {},
        "ListFunctionVersionsByCapacityProvider": {"CapacityProviderName": "mine"},
        "UpdateCapacityProvider": {"CapacityProviderName": "mine"},
    }.items():
        walk.unserved(CAPACITY, operation, **params)
