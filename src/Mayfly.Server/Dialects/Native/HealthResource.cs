using System.Reflection;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET health</c>: whether the server answers.</summary>
/// <param name="table">What is deployed.</param>
public sealed class HealthResource(FunctionTable table) : INativeResource
{
    private static readonly string Version =
        typeof(HealthResource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/health", (context, _) => context.Response.WriteAsJsonAsync(new HealthReply("ok", Version, table.Current.Functions.Count), NativeJson.Default.HealthReply)),
    ];
}
