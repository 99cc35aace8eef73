using System.Globalization;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PublishVersion, ListVersionsByFunction, and what DeleteFunction does to a version.</summary>
internal sealed class VersionsResource(FunctionRegistry registry, FunctionStates states, TimeProvider time)
{
    public async Task PublishAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.PublishVersionRequest);
        if (request.PublishTo is not null)
        {
            throw LambdaException.NotServed("PublishTo");
        }

        Revision? shown = null;
        var made = false;
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Whole(existing, reference);
                FunctionAnswers.CheckRevision(request.RevisionId, function.Latest.RevisionId);
                if (request.CodeSha256 is { Length: > 0 } sha && sha != FunctionAnswers.CodeSha256Of(function.Latest))
                {
                    throw LambdaException.InvalidParameter($"CodeSHA256 ({sha}) is different from current CodeSHA256 in $LATEST ({FunctionAnswers.CodeSha256Of(function.Latest)}). Please try again with the CodeSHA256 in $LATEST.");
                }

                (var published, shown) = function.Publish(request.Description, time.GetUtcNow());
                made = !ReferenceEquals(published, function);
                return published;
            },
            call.Aborted);
        await call.AnswerAsync(
            201,
            FunctionAnswers.Configuration(shown!, FunctionAnswers.ArnOf(reference.Key, shown!.Version), made ? FunctionStates.Creating : states.Now(shown)),
            LambdaJson.Default.FunctionConfigurationJson);
    }

    public Task ListAsync(LambdaCall call)
    {
        var reference = call.Function();
        var function = FunctionAnswers.Whole(registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference);
        var page = Paging.Page(call, [.. function.Revisions], Order, 50, out var next);
        return call.AnswerAsync(
            200,
            new(next, [.. page.Select(revision => FunctionAnswers.Configuration(revision, FunctionAnswers.ArnOf(function.Key, revision.Version), state: null))]),
            LambdaJson.Default.ListVersionsAnswer);
    }

    /// <summary>A function without one of its versions, and without what hung on that.</summary>
    /// <exception cref="LambdaException">It is an alias, or an alias names it.</exception>
    public static Function Without(Function function, string qualifier)
    {
        if (!Revision.TryNumber(qualifier, out var number))
        {
            throw LambdaException.InvalidParameter("Deletion of aliases is not currently supported.");
        }

        var users = function.Aliases.Values.Where(alias => alias.Names(qualifier)).Select(static alias => alias.Name).ToList();
        if (users.Count > 0)
        {
            throw LambdaException.Conflict($"Unable to delete version because the following aliases reference it: [{string.Join(", ", users)}]");
        }

        return function.Versions.ContainsKey(number)
            ? (function with { Versions = function.Versions.Remove(number) }).With(qualifier, QualifierSettings.None)
            : function;
    }

    private static string Order(Revision revision) => revision.Version == Revision.Latest ? "" : int.Parse(revision.Version, CultureInfo.InvariantCulture).ToString("D10", CultureInfo.InvariantCulture);
}
