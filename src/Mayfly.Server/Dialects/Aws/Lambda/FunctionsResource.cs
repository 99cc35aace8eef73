using System.Globalization;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateFunction, GetFunction, ListFunctions, ListVersionsByFunction, DeleteFunction.</summary>
internal sealed class FunctionsResource(FunctionRegistry registry, CodePackageStore packages, FunctionChecks checks, ServerSettings settings, TimeProvider time)
{
    /// <summary>AWS's limit of a request with a zip in base64.</summary>
    public const long MaxRequest = 70_167_211;

    private const int PageSize = 50;

    private readonly FunctionListing _listing = new(registry.Table);

    public async Task CreateAsync(LambdaCall call)
    {
        // 1. Read and check everything but the code.
        var request = await call.ReadAsync(LambdaJson.Default.CreateFunctionRequest, MaxRequest);
        if (request.FunctionName is not { Length: > 0 } name)
        {
            throw LambdaException.Validation("Value null at 'functionName' failed to satisfy constraint: Member must not be null");
        }

        var key = FunctionChecks.Reference(name, call.Scope).Key;
        RefuseWhatIsNotServed(request);
        if (request is not { Runtime.Length: > 0, Handler.Length: > 0 })
        {
            throw LambdaException.InvalidParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
        }

        if (request.Role is not { Length: > 0 })
        {
            throw LambdaException.Validation("Value null at 'role' failed to satisfy constraint: Member must not be null");
        }

        var config = request.Over(new() { Runtime = request.Runtime }) with { Tags = FunctionSettingsMerge.Sorted(request.Tags) };
        config = request.Architectures is { } architectures ? config with { Architectures = [.. architectures] } : config;
        checks.Check(config);
        FunctionChecks.CheckTags(config.Tags);
        RefuseDuplicate(registry.Table.Current.Functions.GetValueOrDefault(key));

        // 2. Keep the code, then the function.
        var code = await CodeResource.AddAsync(packages, request.Code?.ZipFile, call);
        var function = await registry.ChangeAsync(
            key,
            existing =>
            {
                RefuseDuplicate(existing);
                return new()
                {
                    Key = key,
                    Latest = new() { Id = Guid.NewGuid().ToString(), Function = key, Config = config, Code = code, LastModified = time.GetUtcNow() },
                };
            },
            call.Aborted);
        await call.AnswerAsync(201, FunctionAnswers.Configuration(function!, key.Arn), LambdaJson.Default.FunctionConfigurationJson);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var function = registry.Table.Existing(reference);
        var config = function.Latest.Config;
        return call.AnswerAsync(
            200,
            new(
                FunctionAnswers.Configuration(function, FunctionAnswers.ArnOf(reference)),
                new("S3", settings.BaseUrl + LambdaOperations.CodePath + function.Latest.Code.Sha256),
                config.Tags.IsEmpty ? null : config.Tags,
                config.ReservedConcurrency is { } reserved ? new(reserved) : null),
            LambdaJson.Default.GetFunctionAnswer);
    }

    public Task ListAsync(LambdaCall call)
    {
        var most = PageSize;
        if (call.Query("MaxItems") is { } asked)
        {
            most = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10_000
                ? Math.Min(number, PageSize)
                : throw LambdaException.Validation(FunctionChecks.Failure(asked, "maxItems", "Member must have value between 1 and 10000"));
        }

        var page = _listing.Page(call.Scope, call.Query("Marker"), most, out var next);
        var versions = call.Query("FunctionVersion") == "ALL";
        var functions = page.Select(f => FunctionAnswers.Configuration(f, versions ? $"{f.Key.Arn}:{Revision.Latest}" : f.Key.Arn, whole: false)).ToList();
        return call.AnswerAsync(200, new(next, functions), LambdaJson.Default.ListFunctionsAnswer);
    }

    public Task ListVersionsAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function());
        return call.AnswerAsync(
            200,
            new([FunctionAnswers.Configuration(function, $"{function.Key.Arn}:{Revision.Latest}", whole: false)]),
            LambdaJson.Default.ListVersionsAnswer);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.Function();
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                FunctionAnswers.Existing(existing, reference);
                return reference.Qualifier is null
                    ? null
                    : throw LambdaException.InvalidParameter("$LATEST version cannot be deleted without deleting the function.");
            },
            call.Aborted);
        await call.NothingAsync();
    }

    private static void RefuseDuplicate(Function? existing)
    {
        if (existing is not null)
        {
            throw LambdaException.Conflict($"Function already exist: {existing.Key.Name}");
        }
    }

    private static void RefuseWhatIsNotServed(CreateFunctionRequest request)
    {
        CodeResource.RefuseWhatIsNotServed(request.Code?.S3Bucket, request.Code?.ImageUri, request.Publish);
        if (request.PackageType is not (null or "Zip"))
        {
            throw LambdaException.NotServed($"PackageType {request.PackageType}");
        }
    }
}
