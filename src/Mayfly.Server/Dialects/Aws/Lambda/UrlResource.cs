using System.Collections.Immutable;
using System.Globalization;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateFunctionUrlConfig, GetFunctionUrlConfig, UpdateFunctionUrlConfig, DeleteFunctionUrlConfig, ListFunctionUrlConfigs.</summary>
internal sealed class UrlResource(FunctionRegistry registry, ServerSettings settings, TimeProvider time)
{
    public async Task CreateAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.UrlConfigRequest);
        var now = time.GetUtcNow();
        await ChangeAsync(call, 201, old => old is not null
            ? throw LambdaException.Conflict($"Failed to create function url config for [functionArn = {FunctionAnswers.ArnOf(call.Function())}]. Error message:  FunctionUrlConfig exists for this Lambda function")
            : new()
            {
                Id = FunctionUrl.NewId(),
                AuthType = request.AuthType!,
                InvokeMode = request.InvokeMode ?? "BUFFERED",
                Cors = Rules(request.Cors),
                CreationTime = now,
                LastModifiedTime = now,
            });
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.UrlConfigRequest);
        await ChangeAsync(call, 200, old => Existing(old) with
        {
            AuthType = request.AuthType ?? old!.AuthType,
            InvokeMode = request.InvokeMode ?? old!.InvokeMode,
            Cors = request.Cors is null ? old!.Cors : Rules(request.Cors),
            LastModifiedTime = time.GetUtcNow(),
        });
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = Named(call);
        var url = Existing(registry.Table.Current.Functions.GetValueOrDefault(reference.Key)?.For(reference.Qualifier).Url);
        return call.AnswerAsync(200, Answer(reference, url), LambdaJson.Default.UrlConfigAnswer);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = Named(call);
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                Existing(existing?.For(reference.Qualifier).Url);
                return existing!.With(reference.Qualifier, existing.For(reference.Qualifier) with { Url = null });
            },
            call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var reference = call.Function();
        var function = registry.Table.Current.Functions.GetValueOrDefault(reference.Key) ?? throw NoFunction();
        var urls = function.Qualified.Where(static settings => settings.Value.Url is not null).ToList();
        var page = Paging.Page(call, urls, static settings => settings.Key, 50, out var next);
        return call.AnswerAsync(
            200,
            new(next, [.. page.Select(settings => Answer(new(function.Key, settings.Key == Revision.Latest ? null : settings.Key), settings.Value.Url!))]),
            LambdaJson.Default.ListUrlConfigsAnswer);
    }

    private async Task ChangeAsync(LambdaCall call, int status, Func<FunctionUrl?, FunctionUrl> change)
    {
        var reference = Named(call);
        var function = await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = existing is not null && (reference.Qualifier is null || existing.Aliases.ContainsKey(reference.Qualifier)) ? existing : throw NoFunction();
                var owner = function.For(reference.Qualifier);
                return function.With(reference.Qualifier, owner with { Url = change(owner.Url) });
            },
            call.Aborted);
        var answer = Answer(reference, function!.For(reference.Qualifier).Url!);

        // The answer to a creation, alone of all, has no time of the last change.
        await call.AnswerAsync(status, status == 201 ? answer with { LastModifiedTime = null } : answer, LambdaJson.Default.UrlConfigAnswer);
    }

    /// <summary>A URL belongs to the unqualified function or to an alias.</summary>
    private static FunctionRef Named(LambdaCall call)
    {
        var reference = call.Function();
        return reference.Qualifier is { } qualifier && (qualifier == Revision.Latest || Revision.TryNumber(qualifier, out _))
            ? throw LambdaException.Validation(MemberRules.Failure("qualifier", qualifier, @"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"))
            : reference;
    }

    private static LambdaException NoFunction() => new(404, "ResourceNotFoundException", "Function does not exist");

    private static FunctionUrl Existing(FunctionUrl? url) =>
        url ?? throw new LambdaException(404, "ResourceNotFoundException", "The resource you requested does not exist.");

    private UrlConfigAnswer Answer(in FunctionRef reference, FunctionUrl url) => new()
    {
        FunctionUrl = $"{settings.BaseUrl}/_url/{url.Id}/",
        FunctionArn = FunctionAnswers.ArnOf(reference),
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
