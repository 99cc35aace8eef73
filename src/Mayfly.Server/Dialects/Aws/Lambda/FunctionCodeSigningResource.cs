using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.CodeSigning;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PutFunctionCodeSigningConfig, GetFunctionCodeSigningConfig, DeleteFunctionCodeSigningConfig, ListFunctionsByCodeSigningConfig.</summary>
internal sealed class FunctionCodeSigningResource(FunctionRegistry functions, CodeSigningResource configs, SigningChecks checks)
{
    private const int PageSize = 50;

    public async Task PutAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.FunctionCodeSigningJson);
        var arn = request.CodeSigningConfigArn!;
        checks.Existing(arn, reference.Key);
        await functions.ChangeAsync(
            reference.Key,
            existing =>
            {
                // Again in the functions' turn: it may be deleted meanwhile.
                checks.Existing(arn, reference.Key);
                return FunctionAnswers.Whole(existing, reference) with { CodeSigning = arn };
            },
            call.Aborted);
        await call.AnswerAsync(200, new(arn, reference.Key.Name), LambdaJson.Default.FunctionCodeSigningJson);
    }

    public Task GetAsync(LambdaCall call)
    {
        var function = functions.Table.Existing(call.Function());
        return call.AnswerAsync(
            200,
            function.CodeSigning is null ? new(null, null) : new(function.CodeSigning, function.Key.Name),
            LambdaJson.Default.FunctionCodeSigningJson);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.Function();
        await functions.ChangeAsync(reference.Key, existing => FunctionAnswers.Whole(existing, reference) with { CodeSigning = null }, call.Aborted);
        await call.NothingAsync();
    }

    public Task ListAsync(LambdaCall call)
    {
        var arns = CodeSigningRegistry.UsersOf(functions.Table.Current, configs.Existing(call).Arn).Select(static key => key.Arn);
        var page = Paging.Page(call, [.. arns], static arn => arn, PageSize, out var next);
        return call.AnswerAsync(200, new(next, page), LambdaJson.Default.ListSignedFunctionsAnswer);
    }
}
