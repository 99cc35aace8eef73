using System.Net;
using System.Net.Sockets;
using Mayfly.FunctionalTests.Harness;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace Mayfly.FunctionalTests.Harness;

/// <summary>One server with all functions of <c>Fixtures/all</c>, started for the first test that asks for it.</summary>
public sealed class SharedServer : IAsyncDisposable
{
    private readonly Lazy<Task<MayflyServer>> started;
    private readonly TemporaryFolder project = new("Fixtures/all");
    private readonly List<Task<HttpResponseMessage>> late = [];
    private Task<string> stalled = Task.FromResult("");

    public SharedServer() => started = new(StartAsync);

    /// <summary>The server.</summary>
    public Task<MayflyServer> GetAsync() => started.Value;

    /// <summary>Calls of a function that takes longer than API Gateway waits, begun with the server so that nobody waits for them twice.</summary>
    public async Task<HttpResponseMessage> LateAsync(bool rest)
    {
        await started.Value;
        return await late[rest ? 0 : 1];
    }

    /// <summary>The status line for a client that begins a body and goes silent, begun with the server for the same reason.</summary>
    public async Task<string> StalledAsync()
    {
        await started.Value;
        return await stalled;
    }

    public async ValueTask DisposeAsync()
    {
        if (started.IsValueCreated && started.Value.IsCompletedSuccessfully)
        {
            await (await started.Value).DisposeAsync();
        }

        project.Dispose();
    }

    private async Task<MayflyServer> StartAsync()
    {
        var server = await MayflyServer.UpAsync(project.Path);
        late.Add(server.Http.GetAsync("/_api/e2e/dev/late"));
        late.Add(server.Http.GetAsync("/_api/e2e/late"));
        stalled = StallAsync(server.Port);
        return server;
    }

    private static async Task<string> StallAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await BadInputTests.ReadStatusAsync(stream, limit.Token);
    }
}
