using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>GetAccountSettings.</summary>
internal sealed class AccountResource(LambdaStores stores)
{
    private const long MaxTotalCode = 80_530_636_800;
    private const long MaxZipped = 52_428_800;

    private readonly FunctionListing _listing = new(stores.Functions.Table);

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
                new(functions.Sum(static function => function.Revisions.Where(static revision => revision.Config.Image is null).Sum(static revision => revision.Code.Size)) + LayersOf(call.Scope), functions.Count)),
            LambdaJson.Default.AccountSettingsAnswer);
    }

    private long LayersOf(AwsScope scope) => stores.Layers.Current.Values
        .Where(layer => layer.Key.Account == scope.Account && layer.Key.Region == scope.Region)
        .Sum(static layer => layer.Versions.Values.Sum(static version => version.Code.Size));
}
