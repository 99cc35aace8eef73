using System.Collections.Frozen;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Runtimes;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>The AWS Lambda API, as its SDKs and command line speak it. Any credentials are accepted.</summary>
public sealed class LambdaDoor : IDoor
{
    private static readonly FrozenSet<string> Resources = LambdaOperations.All
        .Select(o => o.Template.Split('/')[2]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> ResourceNames = Resources.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly FrozenDictionary<string, Func<LambdaCall, Task>> _served;
    private readonly ServerSettings _settings;

    /// <summary>Makes the door.</summary>
    public LambdaDoor(FunctionRegistry registry, CodePackageStore packages, RuntimeCatalog runtimes, Invoker invoker, ServerSettings settings, TimeProvider time)
    {
        _settings = settings;
        var checks = new FunctionChecks(runtimes);
        var functions = new FunctionsResource(registry, packages, checks, settings, time);
        var code = new CodeResource(registry, packages, checks, time);
        var configuration = new ConfigurationResource(registry, checks, time);
        var invocations = new InvocationsResource(invoker);
        var concurrency = new ConcurrencyResource(registry);
        var url = new UrlResource(registry, settings, time);
        var policy = new PolicyResource(registry);
        var tags = new TagsResource(registry);
        var account = new AccountResource(registry);
        _served = new Dictionary<string, Func<LambdaCall, Task>>(StringComparer.Ordinal)
        {
            ["Invoke"] = invocations.InvokeAsync,
            ["CreateFunction"] = functions.CreateAsync,
            ["GetFunction"] = functions.GetAsync,
            ["ListFunctions"] = functions.ListAsync,
            ["ListVersionsByFunction"] = functions.ListVersionsAsync,
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
            ["ListTags"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
            ["GetAccountSettings"] = account.GetAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public bool Accepts(HttpContext context)
    {
        // /2015-03-31/functions…
        var path = context.Request.Path.Value.AsSpan();
        if (path.Length < 13 || path[0] != '/' || path[5] != '-' || path[8] != '-' || path[11] != '/' || !path.StartsWith("/20"))
        {
            return false;
        }

        var resource = path[12..];
        var end = resource.IndexOf('/');
        return ResourceNames.Contains(end < 0 ? resource : resource[..end]);
    }

    /// <inheritdoc />
    public async Task HandleAsync(HttpContext context)
    {
        var requestId = Guid.NewGuid().ToString();
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        try
        {
            var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var operation = LambdaOperations.Find(context.Request.Method, path, context.Request.Query.ContainsKey)
                ?? throw new LambdaException(404, "UnknownOperationException", $"The Lambda API has no operation {context.Request.Method} {context.Request.Path}.");
            var handler = _served.GetValueOrDefault(operation.Name) ?? throw LambdaException.NotServed($"The Lambda operation {operation.Name}");
            await handler(new(context, operation, path, AwsScope.Of(context.Request, _settings), requestId));
        }
        catch (LambdaException e) when (!context.Response.HasStarted)
        {
            await LambdaErrors.WriteAsync(context, e);
        }
    }
}
