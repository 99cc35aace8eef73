using System.Collections.Immutable;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>ListTags, TagResource, UntagResource. A change keeps the revision: no instance restarts for it.</summary>
internal sealed class TagsResource(FunctionRegistry registry, EventSourceMappingsResource mappings)
{
    public Task ListAsync(LambdaCall call) => EventSourceMappingsResource.Owns(call.Path[2])
        ? mappings.ListTagsAsync(call)
        : call.AnswerAsync(200, new(Existing(registry.Table.Current.Functions.GetValueOrDefault(call.Function().Key), call.Function()).Latest.Config.Tags), LambdaJson.Default.TagsJson);

    public async Task TagAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.TagsJson);
        await ChangeAsync(call, tags => tags.SetItems(request.Tags!));
    }

    public Task UntagAsync(LambdaCall call) =>
        ChangeAsync(call, tags => tags.RemoveRange(call.Http.Request.Query["tagKeys"].OfType<string>()));

    private async Task ChangeAsync(LambdaCall call, Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change)
    {
        if (EventSourceMappingsResource.Owns(call.Path[2]))
        {
            await mappings.ChangeTagsAsync(call, change);
            return;
        }

        var reference = call.Function();
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = Existing(existing, reference);
                var tags = change(function.Latest.Config.Tags);
                FunctionChecks.CheckTags(tags);
                return (function with { Latest = function.Latest with { Config = function.Latest.Config with { Tags = tags } } }).Touched(null);
            },
            call.Aborted);
        await call.NothingAsync();
    }

    private static Function Existing(Function? function, in FunctionRef reference) =>
        reference.Qualifier is null
            ? FunctionAnswers.Existing(function, reference)
            : throw LambdaException.InvalidParameter("Tags on function aliases and versions are not supported. Please specify a function ARN.");
}
