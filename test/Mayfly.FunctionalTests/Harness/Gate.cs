using System.Net;
using System.Net.Sockets;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>A URL at which a function stands until the test lets it go on: how tests know where a function is without looking at clocks.</summary>
public sealed class Gate : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <summary>Opens the URL.</summary>
    public Gate() => _listener.Start();

    /// <summary>Where functions call.</summary>
    public string Url => $"http://{_listener.LocalEndpoint}/";

    /// <summary>Waits for a function; disposing what is returned lets it go on.</summary>
    public async Task<IAsyncDisposable> ArrivedAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return new Waiting(await _listener.AcceptTcpClientAsync(limit.Token));
    }

    /// <summary>Waits for a function and lets it go on.</summary>
    public async Task PassAsync() => await (await ArrivedAsync()).DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private sealed class Waiting(TcpClient client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // A connection that is closed with something unread is reset, and its peer may never see the answer.
            using (client)
            {
                using var request = new StreamReader(client.GetStream(), leaveOpen: true);
                while (await request.ReadLineAsync() is { Length: > 0 })
                {
                }

                await client.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
    }
}
