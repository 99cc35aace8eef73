using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>GetFunctionConfiguration, UpdateFunctionConfiguration.</summary>
internal sealed class ConfigurationResource(FunctionRegistry registry, FunctionChecks checks, TimeProvider time)
{
    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        return call.AnswerAsync(
            200,
            FunctionAnswers.Configuration(registry.Table.Existing(reference), FunctionAnswers.ArnOf(reference)),
            LambdaJson.Default.FunctionConfigurationJson);
    }

    public async Task UpdateAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.UpdateFunctionConfigurationRequest);
        var function = await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                FunctionChecks.CheckRevision(request.RevisionId, function);
                var config = request.Over(function.Latest.Config);
                checks.Check(config);
                return function with
                {
                    Latest = function.Latest with { Id = Guid.NewGuid().ToString(), Config = config, LastModified = time.GetUtcNow() },
                };
            },
            call.Aborted);
        await call.AnswerAsync(200, FunctionAnswers.Configuration(function!, reference.Key.Arn), LambdaJson.Default.FunctionConfigurationJson);
    }
}
