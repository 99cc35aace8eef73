using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateFunctionUrlConfig, GetFunctionUrlConfig, UpdateFunctionUrlConfig, DeleteFunctionUrlConfig, ListFunctionUrlConfigs.</summary>
internal sealed class UrlResource(FunctionRegistry registry, ServerSettings settings, TimeProvider time)
{
    private const string IdCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

    public async Task CreateAsync(LambdaCall call)
    {
        var request = Checked(await call.ReadAsync(LambdaJson.Default.UrlConfigRequest));
        if (request.AuthType is null)
        {
            throw LambdaException.Validation("Value null at 'authType' failed to satisfy constraint: Member must not be null");
        }

        var now = time.GetUtcNow();
        await ChangeAsync(call, 201, function => function.Url is not null
            ? throw LambdaException.Conflict($"Failed to create function url config for [functionArn = {function.Key.Arn}]. Error message:  FunctionUrlConfig exists for this Lambda function")
            : new()
            {
                Id = RandomNumberGenerator.GetString(IdCharacters, 32),
                AuthType = request.AuthType,
                InvokeMode = request.InvokeMode ?? "BUFFERED",
                Cors = Rules(request.Cors),
                CreationTime = now,
                LastModifiedTime = now,
            });
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var request = Checked(await call.ReadAsync(LambdaJson.Default.UrlConfigRequest));
        await ChangeAsync(call, 200, function => UrlOf(function) with
        {
            AuthType = request.AuthType ?? UrlOf(function).AuthType,
            InvokeMode = request.InvokeMode ?? UrlOf(function).InvokeMode,
            Cors = request.Cors is null ? UrlOf(function).Cors : Rules(request.Cors),
            LastModifiedTime = time.GetUtcNow(),
        });
    }

    public Task GetAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function());
        return call.AnswerAsync(200, Answer(function.Key, UrlOf(function)), LambdaJson.Default.UrlConfigAnswer);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.Function();
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                UrlOf(function);
                return function with { Url = null };
            },
            call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function());
        return call.AnswerAsync(200, new(function.Url is { } url ? [Answer(function.Key, url)] : []), LambdaJson.Default.ListUrlConfigsAnswer);
    }

    private async Task ChangeAsync(LambdaCall call, int status, Func<Function, FunctionUrl> change)
    {
        var reference = call.Function();
        var function = await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                return function with { Url = change(function) };
            },
            call.Aborted);
        await call.AnswerAsync(status, Answer(reference.Key, function!.Url!), LambdaJson.Default.UrlConfigAnswer);
    }

    private static UrlConfigRequest Checked(UrlConfigRequest request)
    {
        var failures = new List<string>();
        if (request.AuthType is not (null or "NONE" or "AWS_IAM"))
        {
            failures.Add(FunctionChecks.Failure(request.AuthType, "authType", "Member must satisfy enum value set: [AWS_IAM, NONE]"));
        }

        if (request.InvokeMode is not (null or "BUFFERED" or "RESPONSE_STREAM"))
        {
            failures.Add(FunctionChecks.Failure(request.InvokeMode, "invokeMode", "Member must satisfy enum value set: [BUFFERED, RESPONSE_STREAM]"));
        }

        if (request.Cors?.MaxAge is < 0 or > 86_400)
        {
            failures.Add(FunctionChecks.Failure(request.Cors.MaxAge, "cors.maxAge", "Member must have value between 0 and 86400"));
        }

        return failures.Count == 0 ? request : throw LambdaException.Validation(failures);
    }

    private static FunctionUrl UrlOf(Function function) =>
        function.Url ?? throw new LambdaException(404, "ResourceNotFoundException", "The resource you requested does not exist.");

    private UrlConfigAnswer Answer(FunctionKey key, FunctionUrl url) => new()
    {
        FunctionUrl = $"{settings.BaseUrl}/_url/{url.Id}/",
        FunctionArn = key.Arn,
        AuthType = url.AuthType,
        InvokeMode = url.InvokeMode,
        Cors = url.Cors is null ? null : Shown(url.Cors),
        CreationTime = Stamp(url.CreationTime),
        LastModifiedTime = Stamp(url.LastModifiedTime),
    };

    private static CorsRules? Rules(CorsJson? cors) => cors is null || cors == new CorsJson() ? null : new()
    {
        AllowCredentials = cors.AllowCredentials ?? false,
        AllowHeaders = [.. cors.AllowHeaders ?? []],
        AllowMethods = [.. cors.AllowMethods ?? []],
        AllowOrigins = [.. cors.AllowOrigins ?? []],
        ExposeHeaders = [.. cors.ExposeHeaders ?? []],
        MaxAge = cors.MaxAge,
    };

    private static CorsJson Shown(CorsRules rules)
    {
        static string[]? List(ImmutableArray<string> values) => values.IsDefaultOrEmpty ? null : [.. values];
        return new()
        {
            AllowCredentials = rules.AllowCredentials ? true : null,
            AllowHeaders = List(rules.AllowHeaders),
            AllowMethods = List(rules.AllowMethods),
            AllowOrigins = List(rules.AllowOrigins),
            ExposeHeaders = List(rules.ExposeHeaders),
            MaxAge = rules.MaxAge,
        };
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
