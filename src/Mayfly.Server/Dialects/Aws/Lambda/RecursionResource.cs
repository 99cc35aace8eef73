using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionRecursionConfig, GetFunctionRecursionConfig.</summary>
internal sealed class RecursionResource(FunctionRegistry registry)
{
    public async Task PutAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.RecursionJson);
        await registry.ChangeAsync(reference.Key, existing => FunctionAnswers.Existing(existing, reference) with { RecursiveLoop = request.RecursiveLoop }, call.Aborted);
        await call.AnswerAsync(200, request, LambdaJson.Default.RecursionJson);
    }

    public Task GetAsync(LambdaCall call) =>
        call.AnswerAsync(200, new(registry.Table.Existing(call.Function()).RecursiveLoop ?? Function.TerminateLoop), LambdaJson.Default.RecursionJson);
}
