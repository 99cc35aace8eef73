using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig, DeleteProvisionedConcurrencyConfig, ListProvisionedConcurrencyConfigs.</summary>
/// <param name="registry">Where the wish is kept.</param>
/// <param name="provisioned">How far it is fulfilled.</param>
/// <param name="time">The clock.</param>
internal sealed class ProvisionedConcurrencyResource(FunctionRegistry registry, Func<Revision, ProvisionedCount> provisioned, TimeProvider time)
{
    private const int PageLimit = 50;

    public async Task PutAsync(LambdaCall call)
    {
        var wanted = (await call.ReadAsync(LambdaJson.Default.ProvisionedConcurrencyRequest)).ProvisionedConcurrentExecutions!.Value;
        var reference = Named(call, "Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
        var asked = new ProvisionedConcurrency(wanted, time.GetUtcNow());
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var (function, version) = Existing(existing, reference);
                CheckNumber(function, reference.Qualifier!, wanted);
                CheckOthers(function, reference.Qualifier!, version);
                return function.With(reference.Qualifier, function.For(reference.Qualifier) with { Provisioned = asked });
            },
            call.Aborted);

        // The instances start in the background: this answer comes before the first of them.
        await call.AnswerAsync(202, Answer(asked, new(0, null)), LambdaJson.Default.ProvisionedConcurrencyJson);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = Named(call);
        var (function, version) = Existing(registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference);
        var asked = function.For(reference.Qualifier).Provisioned
            ?? throw new LambdaException(404, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function");
        return call.AnswerAsync(200, Answer(asked, provisioned(version)), LambdaJson.Default.ProvisionedConcurrencyJson);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = Named(call);
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var (function, _) = Existing(existing, reference);
                return function.With(reference.Qualifier, function.For(reference.Qualifier) with { Provisioned = null });
            },
            call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function() with { Qualifier = null });
        var all = function.Qualified.Where(static settings => settings.Value.Provisioned is not null).ToList();
        var page = Paging.Page(call, all, static settings => settings.Key, PageLimit, out var next);
        return call.AnswerAsync(
            200,
            new(next, [.. page.Select(settings => Answer(settings.Value.Provisioned!, provisioned(FunctionAnswers.RevisionOf(function, settings.Key)!)) with { FunctionArn = FunctionAnswers.ArnOf(function.Key, settings.Key) })]),
            LambdaJson.Default.ListProvisionedConcurrencyAnswer);
    }

    private static FunctionRef Named(LambdaCall call, string refusal = "The function resource provided must be an alias or a published version.") =>
        call.Function() is { Qualifier: not (null or Revision.Latest) } reference ? reference : throw LambdaException.InvalidParameter(refusal);

    private static (Function Function, Revision Version) Existing(Function? function, in FunctionRef reference) =>
        function is not null && FunctionAnswers.RevisionOf(function, reference.Qualifier) is { } version ? (function, version)
        : Revision.TryNumber(reference.Qualifier!, out _) ? throw LambdaException.NotFound(FunctionAnswers.ArnOf(reference))
        : throw new LambdaException(404, "ResourceNotFoundException", $"Cannot find alias arn: {FunctionAnswers.ArnOf(reference)}");

    private void CheckNumber(Function function, string qualifier, int wanted)
    {
        var others = function.Provisioned - (function.For(qualifier).Provisioned?.Requested ?? 0);
        if (function.Latest.Config.ReservedConcurrency < others + wanted)
        {
            throw LambdaException.InvalidParameter("Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function");
        }

        if (wanted > InvocationLimits.AccountConcurrency)
        {
            throw LambdaException.InvalidParameter($"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{InvocationLimits.AccountConcurrency}].");
        }

        var elsewhere = ConcurrencyResource.Reserved(ConcurrencyResource.Others(registry.Table.Current, function.Key));
        if (function.Latest.Config.ReservedConcurrency is null && InvocationLimits.AccountConcurrency - elsewhere - others - wanted < InvocationLimits.MinUnreserved)
        {
            throw LambdaException.InvalidParameter($"Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{InvocationLimits.MinUnreserved}].");
        }
    }

    // A version has its instances for itself or through an alias, not both.
    private static void CheckOthers(Function function, string qualifier, Revision version)
    {
        if (function.Aliases.TryGetValue(qualifier, out _))
        {
            if (version.Version == Revision.Latest)
            {
                throw LambdaException.InvalidParameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
            }

            if (function.For(version.Version).Provisioned is not null)
            {
                throw LambdaException.Conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
            }
        }
        else if (function.Aliases.Values.Any(alias => alias.Version == qualifier && function.For(alias.Name).Provisioned is not null))
        {
            throw LambdaException.Conflict("Version is pointed by a Provisioned Concurrency alias");
        }
    }

    private static ProvisionedConcurrencyJson Answer(ProvisionedConcurrency asked, ProvisionedCount count)
    {
        var up = Math.Min(count.Ready, asked.Requested);
        return new()
        {
            RequestedProvisionedConcurrentExecutions = asked.Requested,
            AvailableProvisionedConcurrentExecutions = up,
            AllocatedProvisionedConcurrentExecutions = up,
            Status = up == asked.Requested ? "READY" : count.Failure is null ? "IN_PROGRESS" : "FAILED",
            StatusReason = up == asked.Requested ? null : count.Failure,
            LastModified = FunctionAnswers.Stamp(asked.LastModified),
        };
    }
}
