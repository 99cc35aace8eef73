using System.Diagnostics;
using System.Net.Sockets;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Loads;

/// <summary>One well-behaved caller of one well-behaved function and of the control, one call after the other.</summary>
internal sealed class Neighbour(int port, string function, int controlPort) : IDisposable
{
    private const int Least = 20;
    private static readonly byte[] s_control = HttpConnection.Request("GET", "/");
    private readonly byte[] _request = HttpConnection.Request("POST", MayflyServer.InvokePath(function), "{}");
    private readonly HttpConnection _control = new(controlPort);
    private HttpConnection _connection = new(port);

    public long Calls { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Calls for a while, or until something ends; at least 20 times.</summary>
    public NeighbourPhase Measure(TimeSpan length, CancellationToken cancellationToken, Task? until = null)
    {
        var (samples, control) = (new Samples(), new Samples());
        var began = Stopwatch.GetTimestamp();
        while (samples.Count < Least || (Stopwatch.GetElapsedTime(began) < length && until?.IsCompleted != true))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var called = Stopwatch.GetTimestamp();
            Calls++;
            try
            {
                if (_connection.Call(_request) is not { Status: 200 } reply || !reply.Body.Contains("Hello World!", StringComparison.Ordinal))
                {
                    Failures++;
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                Failures++;
                _connection.Dispose();
                _connection = new(port);
            }

            samples.Add(Stopwatch.GetElapsedTime(called).TotalMicroseconds);
            called = Stopwatch.GetTimestamp();
            _control.Call(s_control);
            control.Add(Stopwatch.GetElapsedTime(called).TotalMicroseconds);
        }

        return new(samples, control);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _control.Dispose();
    }
}
