using System.Diagnostics;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Loads;

/// <summary>One caller of a function that tells when its handler began, with events and with calls that wait; always one at a time, and the last one's end is awaited.</summary>
/// <param name="port">Of the server.</param>
/// <param name="function">Which function.</param>
/// <param name="event">The request that starts it, with the port it is to tell; <see langword="null"/>: an asynchronous invocation.</param>
internal sealed class EventProbe(int port, string function, Func<int, byte[]>? @event = null) : IAsyncDisposable
{
    /// <summary>The file of functions that tell, and the handler in it.</summary>
    public const string Handler = "events.handler";

    // For what an event leaves to be done after its handler has begun: the next one is not to stand in line with it.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Arrivals _arrivals = new();
    private readonly HttpConnection _connection = new(port);
    private readonly byte[] _call = HttpConnection.Request("POST", MayflyServer.InvokePath(function), "{}");

    /// <summary>Sends an event.</summary>
    /// <returns>Microseconds from its sending to the start of its handler.</returns>
    public async Task<double> SendAsync(CancellationToken cancellationToken)
    {
        var before = _arrivals.Count;
        var request = @event is null ? Invocation(_arrivals.Port) : @event(_arrivals.Port);
        await Task.Delay(s_rest, cancellationToken);
        var sent = Stopwatch.GetTimestamp();
        if (_connection.Call(request) is { Status: not (200 or 202) } refused)
        {
            throw new BenchException($"an event for {function} was answered {refused.Status}: {refused.Body}");
        }

        await _arrivals.AwaitAsync(before + 1, s_limit, cancellationToken);
        return Stopwatch.GetElapsedTime(sent, _arrivals.Last).TotalMicroseconds;
    }

    /// <summary>Calls it and waits for its answer.</summary>
    /// <returns>Microseconds.</returns>
    public Task<double> CallAsync(CancellationToken cancellationToken) => CallAsync(_connection, _call, cancellationToken);

    /// <summary>Calls anything at the same pace.</summary>
    public static async Task<double> CallAsync(HttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        await Task.Delay(s_rest, cancellationToken);
        var called = Stopwatch.GetTimestamp();
        var reply = connection.Call(request);
        var time = Stopwatch.GetElapsedTime(called);
        return reply.Status is 200 or 202 && reply.Header("X-Amz-Function-Error") is null ? time.TotalMicroseconds : throw new BenchException($"a call was answered {reply.Status}: {reply.Body}");
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return _arrivals.DisposeAsync();
    }

    private byte[] Invocation(int to) => HttpConnection.Request("POST", MayflyServer.InvokePath(function), Report.Text($$"""{"port":{{to}}}"""), "X-Amz-Invocation-Type: Event\r\n");
}
