using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionScalingConfig, GetFunctionScalingConfig. Kept and returned: the number of instances follows the calls.</summary>
internal sealed class ScalingResource(FunctionRegistry registry)
{
    /// <summary>The version that stands for what was published last where capacity providers run it.</summary>
    private const string LatestPublished = "$LATEST.PUBLISHED";

    public async Task PutAsync(LambdaCall call)
    {
        var reference = call.Function();
        var bounds = (await call.ReadAsync(LambdaJson.Default.ScalingConfigRequest)).FunctionScalingConfig;
        if (bounds is { MinExecutionEnvironments: { } least, MaxExecutionEnvironments: { } most } && least > most)
        {
            throw LambdaException.InvalidParameter("MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.");
        }

        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = Existing(existing, reference);
                var scaling = bounds is null ? null : new ScalingBounds(bounds.MinExecutionEnvironments, bounds.MaxExecutionEnvironments);
                return function.With(reference.Qualifier, function.For(reference.Qualifier) with { Scaling = scaling });
            },
            call.Aborted);
        await call.AnswerAsync(202, new("Active"), LambdaJson.Default.PutScalingConfigAnswer);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var bounds = Existing(registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference).For(reference.Qualifier).Scaling;
        var shown = bounds is null ? null : new ScalingBoundsJson(bounds.Least, bounds.Most);
        return call.AnswerAsync(200, new(FunctionAnswers.ArnOf(reference), shown, shown), LambdaJson.Default.GetScalingConfigAnswer);
    }

    private static Function Existing(Function? function, in FunctionRef reference) =>
        FunctionAnswers.Existing(function, reference.Qualifier == LatestPublished ? reference with { Qualifier = null } : reference);
}
