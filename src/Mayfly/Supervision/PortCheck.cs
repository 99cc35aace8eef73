using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mayfly.Supervision;

/// <summary>Tells whether the port is free on both loopback addresses, and who holds it when it is not.</summary>
public static class PortCheck
{
    /// <summary>Checks before anything is started.</summary>
    /// <exception cref="SupervisorException">The port is in use.</exception>
    public static void RequireFree(int port)
    {
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            if (InUse(address, port))
            {
                var holder = FindHolder(port);
                throw new SupervisorException(
                    $"port {port} is in use{(holder is null ? "" : $" by {holder}")}. Stop it, or choose another port with --port or MAYFLY_PORT.");
            }
        }
    }

    /// <summary>Whether something listens on the loopback: one connection attempt, without an exception when nothing does.</summary>
    public static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var ended = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        attempt.Completed += (_, e) => ended.TrySetResult(e.SocketError);
        return (socket.ConnectAsync(attempt) ? await ended.Task : attempt.SocketError) == SocketError.Success;
    }

    /// <summary>Who listens on a port, for example <c>pid 812 (python3 -m http.server)</c>; <see langword="null"/> when it cannot be told.</summary>
    public static string? FindHolder(int port)
    {
        if (!Directory.Exists("/proc/net"))
        {
            return null;
        }

        var sockets = Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port)).Select(static inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
        if (sockets.Count == 0)
        {
            return null;
        }

        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            try
            {
                if (new DirectoryInfo(process + "/fd").EnumerateFileSystemInfos().Any(fd => fd.LinkTarget is { } target && sockets.Contains(target)))
                {
                    var command = File.ReadAllText(process + "/cmdline").TrimEnd('\0').Replace('\0', ' ');
                    return $"pid {pid} ({(command.Length > 80 ? command[..80] + "…" : command)})";
                }
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // Another user's process, or one that has just ended.
            }
        }

        return "a process of another user";
    }

    private static bool InUse(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new SupervisorException($"port {port} may only be used by root. Choose one above 1023 with --port or MAYFLY_PORT.", e);
        }
        catch (SocketException)
        {
            return false; // A machine without IPv6.
        }
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[1].EndsWith(suffix, StringComparison.Ordinal) && fields[3] == "0A")
            {
                yield return fields[9];
            }
        }
    }
}
