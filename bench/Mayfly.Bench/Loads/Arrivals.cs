using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mayfly.Bench.Loads;

/// <summary>
/// Where functions tell when their handlers began: eight bytes each, of the clock that <see cref="Stopwatch"/> reads too. One thread looks
/// every few milliseconds, so that the functions wake nobody.
/// </summary>
internal sealed class Arrivals : IAsyncDisposable
{
    private const int Length = sizeof(long);
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(2);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _instances = [];
    private readonly List<long> _began = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public Arrivals()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _loop = LoopAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How many handlers have begun.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _began.Count;
            }
        }
    }

    /// <summary>When the handler began that told it last, as <see cref="Stopwatch.GetTimestamp"/> says.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
            {
                // The function counts nanoseconds.
                return (long)(_began[^1] * (Stopwatch.Frequency / 1e9));
            }
        }
    }

    /// <summary>Waits until so many handlers have begun.</summary>
    /// <exception cref="BenchException">They have not, in time.</exception>
    public async Task AwaitAsync(int count, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (Count < count)
        {
            if (Stopwatch.GetElapsedTime(began) > limit)
            {
                throw new BenchException($"{Count} of {count} events came within {limit.TotalSeconds:0} s");
            }

            await Task.Delay(s_period, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Dispose();
        _instances.ForEach(static instance => instance.Dispose());
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            while (_listener.Poll(0, SelectMode.SelectRead))
            {
                _instances.Add(_listener.Accept());
            }

            foreach (var instance in _instances)
            {
                // What a function sent at once comes at once.
                while (instance.Available is >= Length and var there)
                {
                    Keep(_buffer.AsSpan(0, instance.Receive(_buffer.AsSpan(0, Math.Min(there / Length * Length, _buffer.Length)))));
                }
            }

            await Task.Delay(s_period, CancellationToken.None);
        }
    }

    private void Keep(ReadOnlySpan<byte> told)
    {
        lock (_gate)
        {
            for (; told.Length >= Length; told = told[Length..])
            {
                _began.Add(BinaryPrimitives.ReadInt64LittleEndian(told));
            }
        }
    }
}
