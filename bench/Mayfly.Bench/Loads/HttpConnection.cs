using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mayfly.Bench.Loads;

/// <summary>One connection to 127.0.0.1 that is kept alive, with nothing between the clock and the socket. Calls block; each is bounded in time.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public HttpConnection(int port, TimeSpan? limit = null)
    {
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)(limit ?? TimeSpan.FromSeconds(30)).TotalMilliseconds;
        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>A request as bytes, made once for many calls.</summary>
    public static byte[] Request(string method, string path, string? body = null, string headers = "") => Encoding.ASCII.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{(body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n")}\r\n{body}");

    /// <summary>Sends a request and reads the answer to its end.</summary>
    /// <exception cref="SocketException">The connection broke or took too long.</exception>
    /// <exception cref="IOException">It closed early, or the answer is not HTTP.</exception>
    public HttpReply Call(byte[] request)
    {
        Send(request);
        var filled = 0;
        int head;
        while ((head = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            filled += Receive(filled);
        }

        var text = Encoding.ASCII.GetString(_buffer, 0, head);
        if (!text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || text.Length < 12)
        {
            throw new IOException("the answer is not HTTP/1.1");
        }

        var reply = new HttpReply(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[(text.IndexOf("\r\n", StringComparison.Ordinal) + 2)..], "");
        var start = head + 4;
        if (reply.Header("Content-Length") is { } given)
        {
            var end = start + int.Parse(given, CultureInfo.InvariantCulture);
            while (filled < end)
            {
                filled += Receive(filled);
            }

            return reply with { Body = Encoding.UTF8.GetString(_buffer, start, end - start) };
        }

        if (!string.Equals(reply.Header("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return reply;
        }

        while (!_buffer.AsSpan(0, filled).EndsWith("0\r\n\r\n"u8))
        {
            filled += Receive(filled);
        }

        return reply with { Body = Chunks(Encoding.UTF8.GetString(_buffer, start, filled - start)) };
    }

    /// <summary>Sends a request and reads the answer's body without keeping it.</summary>
    /// <returns>The status, and how many bytes came.</returns>
    public (int Status, long Length) Drain(byte[] request)
    {
        Send(request);
        var filled = 0;
        int head;
        while ((head = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            filled += Receive(filled);
        }

        var text = Encoding.ASCII.GetString(_buffer, 0, head);
        var reply = new HttpReply(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text, "");
        var length = long.Parse(reply.Header("Content-Length") ?? throw new IOException("the answer does not tell its length"), CultureInfo.InvariantCulture);
        for (long there = filled - head - 4; there < length;)
        {
            there += Receive(0);
        }

        return (reply.Status, length);
    }

    /// <summary>Sends a request whose answer nobody waits for.</summary>
    public void Send(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += _socket.Send(request.AsSpan(sent));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static string Chunks(string text)
    {
        var body = new StringBuilder();
        while (text.Length > 0)
        {
            var line = text.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(text.AsSpan(0, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                break;
            }

            body.Append(text, line + 2, size);
            text = text[(line + 4 + size)..];
        }

        return body.ToString();
    }

    private int Receive(int filled)
    {
        if (filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = _socket.Receive(_buffer.AsSpan(filled));
        return count > 0 ? count : throw new IOException("the connection was closed before the answer was there");
    }
}
