using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>An HTTP server of the test that keeps what functions tell it, so that what they did is known whatever is killed. One request a connection.</summary>
public sealed class EventReceiver : IDisposable
{
    private const int MostBytes = 64 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<JsonNode> _told = [];

    public EventReceiver()
    {
        _listener.Start(backlog: 512);
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All so far.</summary>
    public IReadOnlyList<JsonNode> Told
    {
        get
        {
            lock (_gate)
            {
                return [.. _told];
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _ = TakeAsync(await _listener.AcceptSocketAsync());
            }
            catch (SocketException e) when (e.SocketErrorCode != SocketError.OperationAborted)
            {
                // One that went away before it was accepted.
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task TakeAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                var bytes = new byte[MostBytes];
                var (filled, wanted) = (0, int.MaxValue);
                while (filled < wanted)
                {
                    var read = await connection.ReceiveAsync(bytes.AsMemory(filled));
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                    var head = bytes.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
                    wanted = head < 0 ? int.MaxValue : head + 4 + LengthOf(Encoding.ASCII.GetString(bytes, 0, head));
                }

                var body = bytes.AsSpan(0, filled);
                var told = JsonNode.Parse(body[(body.IndexOf("\r\n\r\n"u8) + 4)..]);
                lock (_gate)
                {
                    _told.Add(told!);
                }

                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
            catch (Exception e) when (e is SocketException or JsonException)
            {
                // A function that was killed while it told.
            }
        }
    }

    private static int LengthOf(string head) =>
        int.Parse(head.Split("\r\n").First(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..], CultureInfo.InvariantCulture);
}
