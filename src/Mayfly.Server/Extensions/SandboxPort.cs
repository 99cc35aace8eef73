using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mayfly.Server.Extensions;

/// <summary>A port on the loopback of a sandbox.</summary>
/// <param name="number">The port.</param>
/// <param name="owner">The only user whose listener is called; <see langword="null"/> where users do not tell sandboxes apart.</param>
/// <param name="dial">Makes a connected socket where the sandbox has a loopback of its own; <see langword="null"/> on the machine's.</param>
internal sealed class SandboxPort(int number, uint? owner, Func<int, CancellationToken, Task<Socket>>? dial)
{
    private const string Listening = "0A";

    /// <summary>The port.</summary>
    internal int Number => number;

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nothing of the sandbox listens there.</exception>
    internal async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        if (dial is not null)
        {
            return await dial(number, cancellationToken);
        }

        // The loopback is shared with the machine: a function must not make the server call what is not the function's.
        if (owner is { } uid && !IsHeldBy(uid))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, number), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // proc(5) describes the columns: local address and port, the state, and the user.
    private bool IsHeldBy(uint uid)
    {
        var port = string.Create(CultureInfo.InvariantCulture, $":{number:X4}");
        var user = uid.ToString(CultureInfo.InvariantCulture);
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(columns => columns.Length > 7 && columns[3] == Listening && columns[7] == user && columns[1].EndsWith(port, StringComparison.Ordinal));
    }
}
