using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;

namespace Mayfly.Server.Dialects.Native;

/// <summary>Shows functions and services in the admin API's words.</summary>
/// <param name="table">What is deployed.</param>
/// <param name="runtimes">What can run here.</param>
/// <param name="settings">Where URLs begin.</param>
public sealed class NativeView(FunctionTable table, RuntimeCatalog runtimes, ServerSettings settings)
{
    /// <summary>A function.</summary>
    public FunctionReply Show(Function function)
    {
        var config = function.Latest.Config;
        var url = function.For(function.UrlQualifier).Url;
        var runs = runtimes.TryPlan(config, out var plan, out var missing);
        return new()
        {
            Name = function.Key.Name,
            Region = function.Key.Region,
            Arn = function.Key.Arn,
            Service = function.Service,
            Runtime = config.Runtime,
            Handler = config.Handler,
            MemoryMb = config.MemoryMb,
            TimeoutSeconds = config.TimeoutSeconds,
            Revision = function.Latest.Id,
            LastModified = function.Latest.LastModified,
            CodeSha256 = function.Latest.Code.Sha256,
            CodeSize = function.Latest.Code.Size,
            Url = url is null ? null : $"{settings.BaseUrl}/_url/{(IsPlain(function.Key) ? function.Key.Name : url.Id)}/",
            State = runs ? FunctionState.Active : FunctionState.RuntimeMissing,
            StateReason = runs ? plan!.Notice : missing,
        };
    }

    /// <summary>A service. A function that was removed by other means is left out.</summary>
    public ServiceReply Show(DeployedService service)
    {
        var record = service.Record;
        var functions = table.Current.Functions;
        var shown = ImmutableArray.CreateBuilder<FunctionReply>();
        foreach (var name in record.Functions)
        {
            if (functions.TryGetValue(new FunctionKey(settings.Account, record.Region, name), out var function))
            {
                shown.Add(Show(function));
            }
        }

        return new()
        {
            Name = record.Name,
            Stage = record.Stage,
            Region = record.Region,
            DeployedAt = record.DeployedAt,
            Functions = shown.ToImmutable(),
            Routes = [.. record.Routes.Select(route => new RouteReply(route.Method, route.Path, route.Function,
                $"{settings.BaseUrl}/_api/{record.Name}{(route.Rest ? "/" + record.Stage : "")}{(route.Path == "$default" ? "/" : route.Path)}"))],
        };
    }

    /// <summary>Whether a bare name in a URL means this very function.</summary>
    private bool IsPlain(FunctionKey key) => key.Account == settings.Account && key.Region == settings.Region;
}
