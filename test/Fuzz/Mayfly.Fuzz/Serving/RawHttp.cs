using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mayfly.Fuzz.Serving;

/// <summary>
/// Sends an input as it is over TCP. Lines <c>---</c> cut it into parts: after each an answer is awaited for a moment.
/// <c>@ID@</c> stands for the request id of the last answer that named one; a part that begins with <c>!</c> opens a new connection.
/// </summary>
internal sealed partial class RawHttp(IPEndPoint server) : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(60);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly List<Socket> _open = [];
    private string _id = "none";

    /// <summary>Everything that was answered.</summary>
    public StringBuilder Answers { get; } = new();

    /// <summary>Plays an input.</summary>
    public async Task PlayAsync(byte[] input, CancellationToken stop)
    {
        foreach (var part in Encoding.Latin1.GetString(input).Split("\n---\n"))
        {
            stop.ThrowIfCancellationRequested();
            var text = part;
            if (_open.Count == 0 || (part.StartsWith('!') && _open.Count < 8))
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _open.Add(socket);
                await socket.ConnectAsync(server, stop);
            }

            text = (text.StartsWith('!') ? text[1..] : text).Replace("@ID@", _id, StringComparison.Ordinal);
            try
            {
                await _open[^1].SendAsync(Encoding.Latin1.GetBytes(text), stop);
                await ReadAsync(stop);
            }
            catch (SocketException)
            {
                // The server hung up, as it may.
                Answers.Append("hung up\n");
                _open[^1].Dispose();
                _open.RemoveAt(_open.Count - 1);
            }
        }
    }

    /// <summary>Says that nothing more is sent, and reads to the end.</summary>
    public async Task FinishAsync(TimeSpan limit)
    {
        foreach (var socket in _open)
        {
            using var patience = new CancellationTokenSource(limit);
            try
            {
                socket.Shutdown(SocketShutdown.Send);
                while (await socket.ReceiveAsync(_buffer, patience.Token) is > 0 and var read)
                {
                    Answers.Append(Encoding.Latin1.GetString(_buffer, 0, read));
                }
            }
            catch (SocketException)
            {
                // Cut off: an answer too.
            }
        }
    }

    public void Dispose() => _open.ForEach(static socket => socket.Dispose());

    /// <summary>The status codes that were answered, in order, repeats left out.</summary>
    public string Statuses() => string.Join(' ', Status().Matches(Answers.ToString()).Select(static match => match.Groups["code"].Value).Distinct(StringComparer.Ordinal).Take(6));

    private async Task ReadAsync(CancellationToken stop)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(stop);
        moment.CancelAfter(Moment);
        try
        {
            var read = await _open[^1].ReceiveAsync(_buffer, moment.Token);
            var text = Encoding.Latin1.GetString(_buffer, 0, read);
            Answers.Append(text);
            if (RequestId().Match(text) is { Success: true } id)
            {
                _id = id.Groups["id"].Value;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Nothing to say yet.
        }
    }

    [GeneratedRegex(@"Lambda-Runtime-Aws-Request-Id: (?<id>[0-9a-f-]{36})", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex RequestId();

    [GeneratedRegex(@"HTTP/1\.1 (?<code>\d\d\d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Status();
}
