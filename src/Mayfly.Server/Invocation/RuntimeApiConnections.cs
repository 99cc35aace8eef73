using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Accepts Runtime API connections on one listener an instance, so that the listener, not a token, says whose a
/// connection is. The HTTP server takes them from <see cref="Accepted"/>.
/// </summary>
public sealed class RuntimeApiConnections
{
    private readonly Channel<(Socket Connection, Instance Instance)> _accepted =
        System.Threading.Channels.Channel.CreateUnbounded<(Socket, Instance)>(new() { SingleReader = true });

    /// <summary>Connections in the order they came, each with its instance.</summary>
    public ChannelReader<(Socket Connection, Instance Instance)> Accepted => _accepted.Reader;

    /// <summary>Opens a listener on a free port of the host's loopback.</summary>
    public static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        return listener;
    }

    /// <summary>Accepts on a listener until it is closed.</summary>
    /// <param name="listener">Closed when the instance ends.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="uid">The only user whose connections are taken; <see langword="null"/> inside a private network, where there is no other.</param>
    public async Task AcceptAsync(Socket listener, Instance instance, uint? uid)
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                if (uid is { } expected && PeerUser.Of(connection) is var actual && actual != expected)
                {
                    connection.Dispose();
                    continue;
                }

                connection.NoDelay = true;
                _accepted.Writer.TryWrite((connection, instance));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was closed with its instance.
        }
    }
}
