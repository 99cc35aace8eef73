using System.Collections.Frozen;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Every operation of the Lambda API, so that one that is not served is named in the answer.</summary>
internal static class LambdaOperations
{
    private static readonly LambdaOperation[] Operations =
    [
        new("DownloadCode", "GET", CodePath + "{id}"),
        new("InvokeAsync", "POST", "/2014-11-13/functions/{name}/invoke-async"),
        new("ListEventSourceMappings", "GET", "/2015-03-31/event-source-mappings"),
        new("CreateEventSourceMapping", "POST", "/2015-03-31/event-source-mappings"),
        new("DeleteEventSourceMapping", "DELETE", "/2015-03-31/event-source-mappings/{id}"),
        new("GetEventSourceMapping", "GET", "/2015-03-31/event-source-mappings/{id}"),
        new("UpdateEventSourceMapping", "PUT", "/2015-03-31/event-source-mappings/{id}"),
        new("ListFunctions", "GET", "/2015-03-31/functions"),
        new("CreateFunction", "POST", "/2015-03-31/functions"),
        new("DeleteFunction", "DELETE", "/2015-03-31/functions/{name}"),
        new("GetFunction", "GET", "/2015-03-31/functions/{name}"),
        new("ListAliases", "GET", "/2015-03-31/functions/{name}/aliases"),
        new("CreateAlias", "POST", "/2015-03-31/functions/{name}/aliases"),
        new("DeleteAlias", "DELETE", "/2015-03-31/functions/{name}/aliases/{id}"),
        new("GetAlias", "GET", "/2015-03-31/functions/{name}/aliases/{id}"),
        new("UpdateAlias", "PUT", "/2015-03-31/functions/{name}/aliases/{id}"),
        new("UpdateFunctionCode", "PUT", "/2015-03-31/functions/{name}/code"),
        new("GetFunctionConfiguration", "GET", "/2015-03-31/functions/{name}/configuration"),
        new("UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{name}/configuration"),
        new("Invoke", "POST", "/2015-03-31/functions/{name}/invocations"),
        new("GetPolicy", "GET", "/2015-03-31/functions/{name}/policy"),
        new("AddPermission", "POST", "/2015-03-31/functions/{name}/policy"),
        new("RemovePermission", "DELETE", "/2015-03-31/functions/{name}/policy/{id}"),
        new("ListVersionsByFunction", "GET", "/2015-03-31/functions/{name}/versions"),
        new("PublishVersion", "POST", "/2015-03-31/functions/{name}/versions"),
        new("GetAccountSettings", "GET", "/2016-08-19/account-settings"),
        new("UntagResource", "DELETE", "/2017-03-31/tags/{id}"),
        new("ListTags", "GET", "/2017-03-31/tags/{id}"),
        new("TagResource", "POST", "/2017-03-31/tags/{id}"),
        new("DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{name}/concurrency"),
        new("PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{name}/concurrency"),
        new("GetLayerVersionByArn", "GET", "/2018-10-31/layers", "find"),
        new("ListLayers", "GET", "/2018-10-31/layers"),
        new("ListLayerVersions", "GET", "/2018-10-31/layers/{id}/versions"),
        new("PublishLayerVersion", "POST", "/2018-10-31/layers/{id}/versions"),
        new("DeleteLayerVersion", "DELETE", "/2018-10-31/layers/{id}/versions/{id}"),
        new("GetLayerVersion", "GET", "/2018-10-31/layers/{id}/versions/{id}"),
        new("GetLayerVersionPolicy", "GET", "/2018-10-31/layers/{id}/versions/{id}/policy"),
        new("AddLayerVersionPermission", "POST", "/2018-10-31/layers/{id}/versions/{id}/policy"),
        new("RemoveLayerVersionPermission", "DELETE", "/2018-10-31/layers/{id}/versions/{id}/policy/{id}"),
        new("DeleteFunctionEventInvokeConfig", "DELETE", "/2019-09-25/functions/{name}/event-invoke-config"),
        new("GetFunctionEventInvokeConfig", "GET", "/2019-09-25/functions/{name}/event-invoke-config"),
        new("UpdateFunctionEventInvokeConfig", "POST", "/2019-09-25/functions/{name}/event-invoke-config"),
        new("PutFunctionEventInvokeConfig", "PUT", "/2019-09-25/functions/{name}/event-invoke-config"),
        new("ListFunctionEventInvokeConfigs", "GET", "/2019-09-25/functions/{name}/event-invoke-config/list"),
        new("GetFunctionConcurrency", "GET", "/2019-09-30/functions/{name}/concurrency"),
        new("ListProvisionedConcurrencyConfigs", "GET", "/2019-09-30/functions/{name}/provisioned-concurrency", "List"),
        new("DeleteProvisionedConcurrencyConfig", "DELETE", "/2019-09-30/functions/{name}/provisioned-concurrency"),
        new("GetProvisionedConcurrencyConfig", "GET", "/2019-09-30/functions/{name}/provisioned-concurrency"),
        new("PutProvisionedConcurrencyConfig", "PUT", "/2019-09-30/functions/{name}/provisioned-concurrency"),
        new("ListCodeSigningConfigs", "GET", "/2020-04-22/code-signing-configs"),
        new("CreateCodeSigningConfig", "POST", "/2020-04-22/code-signing-configs"),
        new("DeleteCodeSigningConfig", "DELETE", "/2020-04-22/code-signing-configs/{id}"),
        new("GetCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{id}"),
        new("UpdateCodeSigningConfig", "PUT", "/2020-04-22/code-signing-configs/{id}"),
        new("ListFunctionsByCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{id}/functions"),
        new("DeleteFunctionCodeSigningConfig", "DELETE", "/2020-06-30/functions/{name}/code-signing-config"),
        new("GetFunctionCodeSigningConfig", "GET", "/2020-06-30/functions/{name}/code-signing-config"),
        new("PutFunctionCodeSigningConfig", "PUT", "/2020-06-30/functions/{name}/code-signing-config"),
        new("GetRuntimeManagementConfig", "GET", "/2021-07-20/functions/{name}/runtime-management-config"),
        new("PutRuntimeManagementConfig", "PUT", "/2021-07-20/functions/{name}/runtime-management-config"),
        new("DeleteFunctionUrlConfig", "DELETE", "/2021-10-31/functions/{name}/url"),
        new("GetFunctionUrlConfig", "GET", "/2021-10-31/functions/{name}/url"),
        new("CreateFunctionUrlConfig", "POST", "/2021-10-31/functions/{name}/url"),
        new("UpdateFunctionUrlConfig", "PUT", "/2021-10-31/functions/{name}/url"),
        new("ListFunctionUrlConfigs", "GET", "/2021-10-31/functions/{name}/urls"),
        new("InvokeWithResponseStream", "POST", "/2021-11-15/functions/{name}/response-streaming-invocations"),
        new("GetFunctionRecursionConfig", "GET", "/2024-08-31/functions/{name}/recursion-config"),
        new("PutFunctionRecursionConfig", "PUT", "/2024-08-31/functions/{name}/recursion-config"),
        new("ListCapacityProviders", "GET", "/2025-11-30/capacity-providers"),
        new("CreateCapacityProvider", "POST", "/2025-11-30/capacity-providers"),
        new("DeleteCapacityProvider", "DELETE", "/2025-11-30/capacity-providers/{id}"),
        new("GetCapacityProvider", "GET", "/2025-11-30/capacity-providers/{id}"),
        new("UpdateCapacityProvider", "PUT", "/2025-11-30/capacity-providers/{id}"),
        new("ListFunctionVersionsByCapacityProvider", "GET", "/2025-11-30/capacity-providers/{id}/function-versions"),
        new("GetFunctionScalingConfig", "GET", "/2025-11-30/functions/{name}/function-scaling-config"),
        new("PutFunctionScalingConfig", "PUT", "/2025-11-30/functions/{name}/function-scaling-config"),
        new("SendDurableExecutionCallbackFailure", "POST", "/2025-12-01/durable-execution-callbacks/{id}/fail"),
        new("SendDurableExecutionCallbackHeartbeat", "POST", "/2025-12-01/durable-execution-callbacks/{id}/heartbeat"),
        new("SendDurableExecutionCallbackSuccess", "POST", "/2025-12-01/durable-execution-callbacks/{id}/succeed"),
        new("GetDurableExecution", "GET", "/2025-12-01/durable-executions/{id}"),
        new("CheckpointDurableExecution", "POST", "/2025-12-01/durable-executions/{id}/checkpoint"),
        new("GetDurableExecutionHistory", "GET", "/2025-12-01/durable-executions/{id}/history"),
        new("GetDurableExecutionState", "GET", "/2025-12-01/durable-executions/{id}/state"),
        new("StopDurableExecution", "POST", "/2025-12-01/durable-executions/{id}/stop"),
        new("ListDurableExecutionsByFunction", "GET", "/2025-12-01/functions/{name}/durable-executions"),
    ];

    private static readonly FrozenDictionary<string, LambdaOperation[]> ByMethod =
        Operations.GroupBy(o => o.Method, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    /// <summary>Where zips are fetched from: <c>Code.Location</c> of GetFunction, which on AWS is an address of the object store.</summary>
    public const string CodePath = "/2015-03-31/code/";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LambdaOperation> All => Operations;

    /// <summary>Finds the operation of a request.</summary>
    public static LambdaOperation? Find(string method, string[] path, Func<string, bool> hasQuery)
    {
        foreach (var operation in ByMethod.GetValueOrDefault(method) ?? [])
        {
            if (operation.Fits(path) && (operation.Query.Length == 0 || hasQuery(operation.Query)))
            {
                return operation;
            }
        }

        return null;
    }
}
