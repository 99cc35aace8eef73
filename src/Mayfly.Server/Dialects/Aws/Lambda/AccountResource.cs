using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>GetAccountSettings.</summary>
internal sealed class AccountResource(FunctionRegistry registry)
{
    private const long MaxTotalCode = 80_530_636_800;
    private const long MaxZipped = 52_428_800;

    private readonly FunctionListing _listing = new(registry.Table);

    public Task GetAsync(LambdaCall call)
    {
        var functions = _listing.All(call.Scope);
        return call.AnswerAsync(
            200,
            new(
                new(
                    MaxTotalCode,
                    CodePackageStore.MaxUnpacked,
                    MaxZipped,
                    InvocationLimits.AccountConcurrency,
                    InvocationLimits.AccountConcurrency - ConcurrencyResource.Reserved(functions)),
                new(functions.Sum(f => f.Latest.Code.Size), functions.Count)),
            LambdaJson.Default.AccountSettingsAnswer);
    }
}
