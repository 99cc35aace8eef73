using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mayfly.Server.Invocation;

/// <summary>Finds out which user holds the other end of a loopback TCP connection.</summary>
public static class PeerUser
{
    /// <summary>Looks the peer's socket up in <c>/proc/net/tcp</c>, whose columns proc(5) describes.</summary>
    /// <returns>The user id, or <see langword="null"/> when the socket is not listed.</returns>
    public static uint? Of(Socket connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint peer || connection.LocalEndPoint is not IPEndPoint own)
        {
            return null;
        }

        var (local, remote) = (Format(peer), Format(own));
        foreach (var line in File.ReadLines("/proc/net/tcp").Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 7 && columns[1] == local && columns[2] == remote)
            {
                return uint.Parse(columns[7], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    private static string Format(IPEndPoint end)
    {
        // The kernel prints the address as one number in the machine's byte order.
        var address = BitConverter.ToUInt32(end.Address.MapToIPv4().GetAddressBytes());
        return string.Create(CultureInfo.InvariantCulture, $"{address:X8}:{end.Port:X4}");
    }
}
