using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutRuntimeManagementConfig, GetRuntimeManagementConfig. Kept and returned: a function runs on the interpreter that the machine has.</summary>
internal sealed class RuntimeManagementResource(FunctionRegistry registry)
{
    private static RuntimeManagement Unset { get; } = new("Auto", null);

    public async Task PutAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.RuntimeManagementJson);
        var wanted = new RuntimeManagement(request.UpdateRuntimeOn ?? Unset.UpdateOn, request.RuntimeVersionArn);
        if (wanted is { UpdateOn: "Manual", RuntimeVersionArn: null })
        {
            throw LambdaException.InvalidParameter("Runtime version ARN must be specified when UpdateRuntimeOn is Manual");
        }

        if (wanted is { UpdateOn: not "Manual", RuntimeVersionArn: not null })
        {
            throw LambdaException.InvalidParameter("Runtime version ARN is only allowed when UpdateRuntimeOn is Manual");
        }

        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                return function.With(reference.Qualifier, function.For(reference.Qualifier) with { RuntimeManagement = wanted == Unset ? null : wanted });
            },
            call.Aborted);
        await AnswerAsync(call, reference, wanted);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        return AnswerAsync(call, reference, registry.Table.Existing(reference).For(reference.Qualifier).RuntimeManagement ?? Unset);
    }

    private static Task AnswerAsync(LambdaCall call, in FunctionRef reference, RuntimeManagement settings) =>
        call.AnswerAsync(
            200,
            new(settings.UpdateOn, settings.RuntimeVersionArn, FunctionAnswers.ArnOf(reference.Key, reference.Qualifier ?? Revision.Latest)),
            LambdaJson.Default.RuntimeManagementJson);
}
