using Mayfly.Sandboxd.Wire;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET sandboxes</c>: which walls stand on this machine. Answers when sandboxd has tried them.</summary>
/// <param name="hello">What sandboxd said of itself.</param>
public sealed class SandboxesResource(Func<CancellationToken, Task<HelloMessage>> hello) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/sandboxes", GetAsync)];

    private async Task GetAsync(HttpContext context, string name)
    {
        var said = await hello(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new SandboxesReply(said.Isolation, said.Cgroup, [.. said.Missing]), NativeJson.Default.SandboxesReply);
    }
}
