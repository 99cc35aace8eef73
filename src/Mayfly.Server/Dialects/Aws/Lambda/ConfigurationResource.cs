using System.Collections.Immutable;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>GetFunctionConfiguration, UpdateFunctionConfiguration.</summary>
internal sealed class ConfigurationResource(LambdaStores stores, FunctionStates states, FunctionChecks checks, TimeProvider time)
{
    private readonly FunctionRegistry _registry = stores.Functions;
    private readonly LayerChecks _layers = new(stores.Layers);
    private readonly SigningChecks _signing = new(stores.CodeSigning);

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var revision = FunctionAnswers.RevisionOf(_registry.Table.Existing(reference), reference.Qualifier)!;
        return call.AnswerAsync(
            200,
            FunctionAnswers.Configuration(revision, FunctionAnswers.ArnOf(reference), states.Now(revision)),
            LambdaJson.Default.FunctionConfigurationJson);
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.UpdateFunctionConfigurationRequest);
        FunctionSettingsMerge.RefuseWhatIsNotServed(request);
        ImmutableArray<CodePackage>? layers = request.Layers is null ? null : await _layers.ResolveAsync([.. request.Layers], reference.Key, call.Aborted);
        var function = await _registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Whole(existing, reference);
                FunctionAnswers.CheckRevision(request.RevisionId, function.Latest.RevisionId);
                var config = ImageChecks.Over(request, request.Over(function.Latest.Config));
                checks.Check(config);
                if (layers is { IsEmpty: false } added)
                {
                    _signing.RefuseUnsigned(function.CodeSigning, function.Key);
                    _layers.CheckSize(function.Latest.Code, added);
                }

                return function with
                {
                    Latest = function.Latest with { Id = Guid.NewGuid().ToString(), RevisionId = null!, Config = config, Layers = layers ?? function.Latest.Layers, LastModified = time.GetUtcNow() },
                };
            },
            call.Aborted);
        await call.AnswerAsync(200, FunctionAnswers.Configuration(function!.Latest, reference.Key.Arn, FunctionStates.Updating), LambdaJson.Default.FunctionConfigurationJson);
    }
}
