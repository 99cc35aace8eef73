using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Invocation;

/// <summary>Finds out which user holds the other end of a loopback TCP connection.</summary>
public static class PeerUser
{
    /// <summary>Looks the peer's socket up in <c>/proc/net/tcp</c> or <c>tcp6</c>, whose columns proc(5) describes.</summary>
    /// <returns>The user id, or <see langword="null"/> when nobody holds it any more: the kernel names root for a socket that its user has closed.</returns>
    public static uint? Of(Socket connection)
    {
        IPEndPoint peer, own;
        try
        {
            if (connection is not { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local })
            {
                return null;
            }

            (peer, own) = (remote, local);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection ended in this moment.
            return null;
        }

        // Programs also speak version 4 through sockets of version 6: then the other table has their end.
        return (peer.AddressFamily == AddressFamily.InterNetwork ? Find("/proc/net/tcp", peer, own) : null)
            ?? Find("/proc/net/tcp6", Map(peer), Map(own));
    }

    private static uint? Find(string table, IPEndPoint peer, IPEndPoint own)
    {
        var (local, remote) = (Format(peer), Format(own));
        foreach (var line in File.Exists(table) ? File.ReadLines(table).Skip(1) : [])
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 9 && columns[1] == local && columns[2] == remote && columns[9] != "0")
            {
                return uint.Parse(columns[7], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    private static IPEndPoint Map(IPEndPoint end) => new(end.Address.MapToIPv6(), end.Port);

    private static string Format(IPEndPoint end)
    {
        // The kernel prints an address as numbers in the machine's byte order.
        var words = MemoryMarshal.Cast<byte, uint>(end.Address.GetAddressBytes()).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{string.Concat(words.Select(static word => word.ToString("X8", CultureInfo.InvariantCulture)))}:{end.Port:X4}");
    }
}
