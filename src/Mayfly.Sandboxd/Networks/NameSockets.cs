using System.Net;
using System.Net.Sockets;

namespace Mayfly.Sandboxd.Networks;

/// <summary>The sockets of a name server inside a network namespace.</summary>
/// <param name="Datagrams">Gets questions over UDP.</param>
/// <param name="Connections">Listens for questions over TCP.</param>
internal sealed record NameSockets(Socket Datagrams, Socket Connections) : IDisposable
{
    /// <summary>Where the usual local resolver listens too, so that a machine's own <c>resolv.conf</c> mostly fits inside.</summary>
    internal const string Address = "127.0.0.53";

    private const int Port = 53;

    /// <summary>Opens them in the calling thread's namespace.</summary>
    internal static NameSockets Open()
    {
        var place = new IPEndPoint(IPAddress.Parse(Address), Port);
        var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            datagrams.Bind(place);
            return new(datagrams, NetworkNamespace.Listen(place));
        }
        catch
        {
            datagrams.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Datagrams.Dispose();
        Connections.Dispose();
    }
}
