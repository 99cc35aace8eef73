using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET sandboxes</c>: which walls stand on this machine. Answers when sandboxd has tried them.</summary>
/// <param name="hello">What sandboxd said of itself.</param>
/// <param name="settings">What functions are given by default.</param>
public sealed class SandboxesResource(Func<CancellationToken, Task<HelloMessage>> hello, ServerSettings settings) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/sandboxes", GetAsync)];

    private IEnumerable<string> Lacking(HelloMessage said) =>
        settings.Network == NetworkMode.Egress && said.EgressMissing is { } why ? [$"functions share the machine's network: {why}"] : [];

    private async Task GetAsync(HttpContext context, string name)
    {
        var said = await hello(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new SandboxesReply(said.Isolation, said.Cgroup, [.. said.Missing, .. Lacking(said)]), NativeJson.Default.SandboxesReply);
    }
}
