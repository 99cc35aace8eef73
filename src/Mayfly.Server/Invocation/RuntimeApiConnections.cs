using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Mayfly.Server.Identity;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Accepts what instances call on listeners of their own, so that the listener, not a token, says whose a connection is:
/// the Runtime API, and in a sandbox with a network of its own the platform's doors. The HTTP server takes the connections
/// from <see cref="Accepted"/>.
/// </summary>
public sealed class RuntimeApiConnections
{
    private readonly Channel<SandboxConnection> _accepted = Channel.CreateUnbounded<SandboxConnection>(new() { SingleReader = true });

    /// <summary>Connections in the order they came, each with whose it is.</summary>
    public ChannelReader<SandboxConnection> Accepted => _accepted.Reader;

    /// <summary>Opens a listener on a free port of the host's loopback.</summary>
    public static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        return listener;
    }

    /// <summary>Accepts Runtime API connections on a listener until it is closed.</summary>
    /// <param name="listener">Closed when the instance ends.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="uid">The only user whose connections are taken; <see langword="null"/> inside a private network, where there is no other.</param>
    public Task AcceptAsync(Socket listener, Instance instance, uint? uid) => AcceptAsync(listener, uid, connection => new(connection, instance, null));

    /// <summary>Accepts connections to the doors on a listener inside a sandbox until it is closed.</summary>
    /// <param name="listener">Closed when the instance ends.</param>
    /// <param name="caller">The function in the sandbox.</param>
    public Task AcceptAtDoorsAsync(Socket listener, CallingFunction caller) => AcceptAsync(listener, null, connection => new(connection, null, caller));

    private async Task AcceptAsync(Socket listener, uint? uid, Func<Socket, SandboxConnection> mark)
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
                _accepted.Writer.TryWrite(mark(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was closed with its instance.
        }
    }
}
