using System.Net.Sockets;

namespace Mayfly.Server.Extensions;

/// <summary>Delivers records over TCP, one JSON object a line.</summary>
/// <param name="port">The port inside the sandbox.</param>
internal sealed class TcpDestination(SandboxPort port) : ITelemetryDestination
{
    private Socket? _connection;

    public async Task<bool> SendAsync(IReadOnlyList<byte[]> records, CancellationToken cancellationToken)
    {
        var lines = new byte[records.Sum(record => record.Length + 1)];
        var at = 0;
        foreach (var record in records)
        {
            record.CopyTo(lines, at);
            at += record.Length;
            lines[at++] = (byte)'\n';
        }

        try
        {
            _connection ??= await port.ConnectAsync(cancellationToken);
            for (ReadOnlyMemory<byte> rest = lines; !rest.IsEmpty;)
            {
                rest = rest[await _connection.SendAsync(rest, SocketFlags.None, cancellationToken)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _connection?.Dispose();
            _connection = null;
            return false;
        }
    }

    public void Dispose() => _connection?.Dispose();
}
