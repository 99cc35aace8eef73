using System.Globalization;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.</summary>
internal sealed class AliasesResource(FunctionRegistry registry)
{
    public async Task CreateAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.AliasRequest);
        var (name, version) = (request.Name!, request.FunctionVersion!);
        var alias = await ChangeAsync(call, reference, name, function =>
        {
            CheckVersion(function, version);
            return function.Aliases.ContainsKey(name)
                ? throw LambdaException.Conflict($"Alias already exists: {FunctionAnswers.ArnOf(function.Key, name)}")
                : Weighted(function, new() { Name = name, Version = version, Description = request.Description ?? "", RevisionId = "" }, request.RoutingConfig);
        });
        await call.AnswerAsync(201, Answer(reference.Key, alias), LambdaJson.Default.AliasJson);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var alias = Existing(registry.Table.Existing(reference with { Qualifier = null }), call.Path[4]);
        return call.AnswerAsync(200, Answer(reference.Key, alias), LambdaJson.Default.AliasJson);
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.AliasRequest);
        var alias = await ChangeAsync(call, reference, call.Path[4], function =>
        {
            var old = Existing(function, call.Path[4]);
            FunctionAnswers.CheckRevision(request.RevisionId, old.RevisionId);
            var changed = old with { Version = request.FunctionVersion ?? old.Version, Description = request.Description ?? old.Description };
            CheckVersion(function, changed.Version);
            return Weighted(function, changed, request.RoutingConfig);
        });
        await call.AnswerAsync(200, Answer(reference.Key, alias), LambdaJson.Default.AliasJson);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var (reference, name) = (call.Function(), call.Path[4]);
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference with { Qualifier = null });
                return function.Aliases.ContainsKey(name)
                    ? (function with { Aliases = function.Aliases.Remove(name) }).With(name, QualifierSettings.None)
                    : function;
            },
            call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function() with { Qualifier = null });
        var version = call.Query("FunctionVersion");
        var aliases = function.Aliases.Values.Where(alias => version is null || alias.Names(version)).ToList();
        var page = Paging.Page(call, aliases, static alias => alias.Name, 50, out var next);
        return call.AnswerAsync(200, new(next, [.. page.Select(alias => Answer(function.Key, alias))]), LambdaJson.Default.ListAliasesAnswer);
    }

    private async Task<FunctionAlias> ChangeAsync(LambdaCall call, FunctionRef reference, string name, Func<Function, FunctionAlias> change)
    {
        var function = await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference with { Qualifier = null });
                return function with { Aliases = function.Aliases.SetItem(name, change(function) with { RevisionId = Guid.NewGuid().ToString() }) };
            },
            call.Aborted);
        return function!.Aliases[name];
    }

    private static FunctionAlias Existing(Function function, string name) =>
        function.Aliases.GetValueOrDefault(name) ?? throw new LambdaException(404, "ResourceNotFoundException", $"Cannot find alias arn: {FunctionAnswers.ArnOf(function.Key, name)}");

    private static void CheckVersion(Function function, string version)
    {
        if (function.Version(version) is null)
        {
            throw LambdaException.NotFound(FunctionAnswers.ArnOf(function.Key, version));
        }
    }

    private static FunctionAlias Weighted(Function function, FunctionAlias alias, RoutingConfigJson? routing)
    {
        if (routing is null)
        {
            return alias;
        }

        if (routing.AdditionalVersionWeights is not { Count: > 0 } weights)
        {
            return alias with { WeightedVersion = null, Weight = 0 };
        }

        if (weights.Count > 1)
        {
            throw LambdaException.InvalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
        }

        var (version, weight) = weights.Single();
        if (weight is not (>= 0 and < 1))
        {
            throw LambdaException.Validation(MemberRules.Failure(
                "routingConfig.additionalVersionWeights",
                $"{{{version}={weight.ToString(CultureInfo.InvariantCulture)}}}",
                "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"));
        }

        if (version == alias.Version)
        {
            throw LambdaException.InvalidParameter($"Invalid function version {version}. Function version {version} is already included in routing configuration.");
        }

        if (alias.Version == Revision.Latest || version == Revision.Latest)
        {
            throw LambdaException.InvalidParameter("$LATEST is not supported for an alias pointing to more than 1 version");
        }

        CheckVersion(function, version);
        return alias with { WeightedVersion = version, Weight = weight };
    }

    private static AliasJson Answer(FunctionKey key, FunctionAlias alias) => new(
        FunctionAnswers.ArnOf(key, alias.Name),
        alias.Name,
        alias.Version,
        alias.Description,
        alias.WeightedVersion is { } second ? new(new Dictionary<string, double>(StringComparer.Ordinal) { [second] = alias.Weight }) : null,
        alias.RevisionId);
}
