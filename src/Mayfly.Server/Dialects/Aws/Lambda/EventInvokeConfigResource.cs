using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionEventInvokeConfig, UpdateFunctionEventInvokeConfig, GetFunctionEventInvokeConfig, DeleteFunctionEventInvokeConfig, ListFunctionEventInvokeConfigs.</summary>
internal sealed class EventInvokeConfigResource(FunctionRegistry registry, TimeProvider time)
{
    private const int PageLimit = 50;

    public async Task PutAsync(LambdaCall call)
    {
        var request = await ReadAsync(call);
        await ChangeAsync(call, (reference, _) => new()
        {
            MaximumRetryAttempts = request.MaximumRetryAttempts,
            MaximumEventAgeSeconds = request.MaximumEventAgeInSeconds,
            OnSuccess = Given(request.DestinationConfig?.OnSuccess),
            OnFailure = Given(request.DestinationConfig?.OnFailure),
            LastModified = time.GetUtcNow(),
        });
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var request = await ReadAsync(call);
        await ChangeAsync(call, (reference, settings) =>
        {
            var old = Existing(settings, reference);
            return old with
            {
                MaximumRetryAttempts = request.MaximumRetryAttempts ?? old.MaximumRetryAttempts,
                MaximumEventAgeSeconds = request.MaximumEventAgeInSeconds ?? old.MaximumEventAgeSeconds,
                OnSuccess = request.DestinationConfig is { } both ? Given(both.OnSuccess) : old.OnSuccess,
                OnFailure = request.DestinationConfig is { } all ? Given(all.OnFailure) : old.OnFailure,
                LastModified = time.GetUtcNow(),
            };
        });
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var settings = registry.Table.Current.Functions.GetValueOrDefault(reference.Key)?.For(reference.Qualifier).Async;
        return call.AnswerAsync(200, Answer(reference.Key, reference.Qualifier, Existing(settings, reference)), LambdaJson.Default.EventInvokeConfigJson);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.Function();
        await registry.ChangeAsync(
            reference.Key,
            function =>
            {
                var owner = function?.For(reference.Qualifier) ?? QualifierSettings.None;
                Existing(owner.Async, reference);
                return function!.With(reference.Qualifier, owner with { Async = null });
            },
            call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var function = registry.Table.Current.Functions.GetValueOrDefault(call.Function().Key) ?? throw NoFunction();
        var all = function.Qualified.Where(static settings => settings.Value.Async is not null).ToList();
        var page = Paging.Page(call, all, static settings => settings.Key, PageLimit, out var next);
        return call.AnswerAsync(
            200,
            new(next, [.. page.Select(settings => Answer(function.Key, settings.Key, settings.Value.Async!))]),
            LambdaJson.Default.ListEventInvokeConfigsAnswer);
    }

    private static async Task<EventInvokeConfigRequest> ReadAsync(LambdaCall call) =>
        await call.ReadAsync(LambdaJson.Default.EventInvokeConfigRequest) is var request && request == new EventInvokeConfigRequest(null, null, null)
            ? throw LambdaException.InvalidParameter("You must specify at least one of error handling or destination setting.")
            : request;

    private async Task ChangeAsync(LambdaCall call, Func<FunctionRef, AsyncSettings?, AsyncSettings> change)
    {
        var reference = call.Function();
        var function = await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = existing is not null && FunctionAnswers.RevisionOf(existing, reference.Qualifier) is not null ? existing : throw NoFunction();
                var owner = function.For(reference.Qualifier);
                var settings = change(reference, owner.Async);
                CheckDestinations(reference.Key, settings);
                return function.With(reference.Qualifier, owner with { Async = settings });
            },
            call.Aborted);
        await call.AnswerAsync(200, Answer(reference.Key, reference.Qualifier, function!.For(reference.Qualifier).Async!), LambdaJson.Default.EventInvokeConfigJson);
    }

    private void CheckDestinations(in FunctionKey self, AsyncSettings settings)
    {
        var served = IsServed(self, settings.OnFailure, onFailure: true) & IsServed(self, settings.OnSuccess, onFailure: false);
        if (!served)
        {
            static string Shown(string name, string? arn) => arn is null ? "null" : $"{name}(destination={arn})";
            throw LambdaException.InvalidParameter(
                $"The provided destination config DestinationConfig(onSuccess={Shown("OnSuccess", settings.OnSuccess)}, onFailure={Shown("OnFailure", settings.OnFailure)}) is invalid.");
        }
    }

    // A function must be there and be another one; of other services only the kind is looked at.
    private bool IsServed(in FunctionKey self, string? arn, bool onFailure)
    {
        if (arn is null)
        {
            return true;
        }

        switch (arn.Split(':') is [_, _, var service, ..] ? service : "")
        {
            case "lambda":
                if (!FunctionRef.TryParse(arn, self.Account, self.Region, out var target) || !registry.Table.Current.Functions.ContainsKey(target.Key))
                {
                    throw LambdaException.InvalidParameter($"The destination ARN {arn} is invalid.");
                }

                return target.Key != self ? true : throw LambdaException.InvalidParameter("You can't specify the function as a destination for itself.");
            case "sqs" or "sns" or "events":
                return true;
            case "s3":
                return onFailure;
            default:
                return false;
        }
    }

    private static string? Given(DestinationJson? destination) => destination?.Destination is { Length: > 0 } arn ? arn : null;

    private static AsyncSettings Existing(AsyncSettings? settings, in FunctionRef reference) =>
        settings ?? throw new LambdaException(404, "ResourceNotFoundException", $"The function {FunctionAnswers.ArnOf(reference.Key, reference.Qualifier ?? Revision.Latest)} doesn't have an EventInvokeConfig");

    private static LambdaException NoFunction() => new(404, "ResourceNotFoundException", "The function doesn't exist.");

    private static EventInvokeConfigJson Answer(in FunctionKey key, string? qualifier, AsyncSettings settings) => new(
        settings.LastModified.ToUnixTimeMilliseconds() / 1000.0,
        FunctionAnswers.ArnOf(key, qualifier ?? Revision.Latest),
        settings.MaximumRetryAttempts,
        settings.MaximumEventAgeSeconds,
        new(new(settings.OnSuccess), new(settings.OnFailure)));
}
