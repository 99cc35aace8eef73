using System.Collections.Frozen;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Functions;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>The AWS Lambda API, as its SDKs and command line speak it. Any credentials are accepted, but of those issued here the signature must be right.</summary>
public sealed class LambdaDoor : IDoor
{
    private readonly FrozenDictionary<string, Func<LambdaCall, Task>> _served;
    private readonly ServerSettings _settings;

    /// <summary>Makes the door.</summary>
    public LambdaDoor(LambdaStores stores, RuntimeCatalog runtimes, LambdaEngines engines, ServerSettings settings, TimeProvider time)
    {
        _settings = settings;
        var registry = stores.Functions;
        var checks = new FunctionChecks(runtimes);
        var states = new FunctionStates(runtimes);
        var code = new CodeResource(stores, checks, time);
        var functions = new FunctionsResource(stores, states, code, checks, settings, time);
        var configuration = new ConfigurationResource(stores, states, checks, time);
        var versions = new VersionsResource(registry, states, time);
        var aliases = new AliasesResource(registry);
        var invocations = new InvocationsResource(engines.Invoker, engines.Events);
        var concurrency = new ConcurrencyResource(registry);
        var url = new UrlResource(registry, settings, time);
        var policy = new PolicyResource(registry);
        var mappings = new EventSourceMappingsResource(stores.Sources, registry.Table, time);
        var tags = new TagsResource(registry, mappings);
        var account = new AccountResource(stores);
        var layers = new LayersResource(stores.Layers, code, settings, time);
        var layerPolicy = new LayerPolicyResource(stores.Layers);
        var signing = new CodeSigningResource(stores.CodeSigning, time);
        var functionSigning = new FunctionCodeSigningResource(registry, signing, new(stores.CodeSigning));
        var eventInvoke = new EventInvokeConfigResource(registry, time);
        var provisioned = new ProvisionedConcurrencyResource(registry, engines.Provisioned, time);
        var runtime = new RuntimeManagementResource(registry);
        var recursion = new RecursionResource(registry);
        var scaling = new ScalingResource(registry);
        _served = new Dictionary<string, Func<LambdaCall, Task>>(StringComparer.Ordinal)
        {
            ["Invoke"] = invocations.InvokeAsync,
            ["InvokeAsync"] = invocations.InvokeLaterAsync,
            ["InvokeWithResponseStream"] = new StreamingInvocationsResource(engines.Invoker).InvokeAsync,
            ["CreateFunction"] = functions.CreateAsync,
            ["GetFunction"] = functions.GetAsync,
            ["ListFunctions"] = functions.ListAsync,
            ["ListVersionsByFunction"] = versions.ListAsync,
            ["PublishVersion"] = versions.PublishAsync,
            ["CreateAlias"] = aliases.CreateAsync,
            ["GetAlias"] = aliases.GetAsync,
            ["UpdateAlias"] = aliases.UpdateAsync,
            ["DeleteAlias"] = aliases.DeleteAsync,
            ["ListAliases"] = aliases.ListAsync,
            ["DeleteFunction"] = functions.DeleteAsync,
            ["UpdateFunctionCode"] = code.UpdateAsync,
            ["DownloadCode"] = code.DownloadAsync,
            ["GetFunctionConfiguration"] = configuration.GetAsync,
            ["UpdateFunctionConfiguration"] = configuration.UpdateAsync,
            ["PutFunctionConcurrency"] = concurrency.PutAsync,
            ["GetFunctionConcurrency"] = concurrency.GetAsync,
            ["DeleteFunctionConcurrency"] = concurrency.DeleteAsync,
            ["CreateFunctionUrlConfig"] = url.CreateAsync,
            ["GetFunctionUrlConfig"] = url.GetAsync,
            ["UpdateFunctionUrlConfig"] = url.UpdateAsync,
            ["DeleteFunctionUrlConfig"] = url.DeleteAsync,
            ["ListFunctionUrlConfigs"] = url.ListAsync,
            ["AddPermission"] = policy.AddAsync,
            ["GetPolicy"] = policy.GetAsync,
            ["RemovePermission"] = policy.RemoveAsync,
            ["CreateEventSourceMapping"] = mappings.CreateAsync,
            ["GetEventSourceMapping"] = mappings.GetAsync,
            ["ListEventSourceMappings"] = mappings.ListAsync,
            ["UpdateEventSourceMapping"] = mappings.UpdateAsync,
            ["DeleteEventSourceMapping"] = mappings.DeleteAsync,
            ["ListTags"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
            ["GetAccountSettings"] = account.GetAsync,
            ["PublishLayerVersion"] = layers.PublishAsync,
            ["GetLayerVersion"] = layers.GetAsync,
            ["GetLayerVersionByArn"] = layers.GetByArnAsync,
            ["ListLayers"] = layers.ListAsync,
            ["ListLayerVersions"] = layers.ListVersionsAsync,
            ["DeleteLayerVersion"] = layers.DeleteAsync,
            ["AddLayerVersionPermission"] = layerPolicy.AddAsync,
            ["GetLayerVersionPolicy"] = layerPolicy.GetAsync,
            ["RemoveLayerVersionPermission"] = layerPolicy.RemoveAsync,
            ["CreateCodeSigningConfig"] = signing.CreateAsync,
            ["GetCodeSigningConfig"] = signing.GetAsync,
            ["UpdateCodeSigningConfig"] = signing.UpdateAsync,
            ["DeleteCodeSigningConfig"] = signing.DeleteAsync,
            ["ListCodeSigningConfigs"] = signing.ListAsync,
            ["PutFunctionCodeSigningConfig"] = functionSigning.PutAsync,
            ["GetFunctionCodeSigningConfig"] = functionSigning.GetAsync,
            ["DeleteFunctionCodeSigningConfig"] = functionSigning.DeleteAsync,
            ["ListFunctionsByCodeSigningConfig"] = functionSigning.ListAsync,
            ["PutFunctionEventInvokeConfig"] = eventInvoke.PutAsync,
            ["UpdateFunctionEventInvokeConfig"] = eventInvoke.UpdateAsync,
            ["GetFunctionEventInvokeConfig"] = eventInvoke.GetAsync,
            ["DeleteFunctionEventInvokeConfig"] = eventInvoke.DeleteAsync,
            ["ListFunctionEventInvokeConfigs"] = eventInvoke.ListAsync,
            ["PutProvisionedConcurrencyConfig"] = provisioned.PutAsync,
            ["GetProvisionedConcurrencyConfig"] = provisioned.GetAsync,
            ["DeleteProvisionedConcurrencyConfig"] = provisioned.DeleteAsync,
            ["ListProvisionedConcurrencyConfigs"] = provisioned.ListAsync,
            ["PutRuntimeManagementConfig"] = runtime.PutAsync,
            ["GetRuntimeManagementConfig"] = runtime.GetAsync,
            ["PutFunctionRecursionConfig"] = recursion.PutAsync,
            ["GetFunctionRecursionConfig"] = recursion.GetAsync,
            ["PutFunctionScalingConfig"] = scaling.PutAsync,
            ["GetFunctionScalingConfig"] = scaling.GetAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>What recognises the credentials of functions, so that their calls belong to their account.</summary>
    public FunctionCredentials? Credentials { get; init; }

    /// <summary>What checks the signatures of requests; <see langword="null"/> means that none is.</summary>
    public SignatureCheck? Signatures { get; init; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context) => LambdaOperations.Owns(context.Request.Path.Value);

    /// <inheritdoc />
    public async Task HandleAsync(HttpContext context)
    {
        var requestId = InvocationId.New();
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        try
        {
            // 1. Who asks, and for what.
            if (Signatures is not null && await Signatures.CheckAsync(context) is { } refusal)
            {
                throw new LambdaException(refusal.Status, refusal.Type, refusal.Message);
            }

            var operation = LambdaOperations.Find(context.Request, out var path)
                ?? throw new LambdaException(404, "UnknownOperationException", $"The Lambda API has no operation {context.Request.Method} {context.Request.Path}.");
            var handler = _served.GetValueOrDefault(operation.Name) ?? throw LambdaException.NotServed($"The Lambda operation {operation.Name}");

            // 2. Do it: an invocation here and now, everything else where it may wait.
            var call = new LambdaCall(context, operation, path, AwsScope.Of(context.Request, _settings, Credentials), requestId);
            await (LambdaOperations.IsInvocation(operation) ? handler(call) : PoolScheduler.RunAsync(() => ServeAsync(call, handler)));
        }
        catch (LambdaException e) when (!context.Response.HasStarted)
        {
            await LambdaErrors.WriteAsync(context, e);
        }
        catch (Exception e) when (StoreException.Of(e) is { } store && !context.Response.HasStarted)
        {
            await LambdaErrors.WriteAsync(context, new(500, "ServiceException", store.Message));
        }
    }

    private static async Task ServeAsync(LambdaCall call, Func<LambdaCall, Task> handler)
    {
        if (call.Operation.Input is not null)
        {
            await call.CheckAsync();
        }

        await handler(call);
    }
}
