using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Mayfly.Bench.Loads;

/// <summary>
/// Calls at a steady rate, whatever the answers take: an answer's time counts from when its request was due, not from when a
/// connection was free to send it, so a server that stalls is charged for everyone who waited. One thread, no allocation in the loop.
/// </summary>
internal sealed class PacedLoad
{
    private const short Readable = 1;
    private const int TimerSlack = 29;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly Lane[] _lanes;
    private readonly PollEntry[] _polled;
    private readonly Stack<Lane> _idle = new();
    private readonly byte[] _request;
    private readonly long[] _times;
    private readonly double _interval;
    private long _bad;

    private PacedLoad(Target target, int connections, double rate, double seconds)
    {
        _request = HttpConnection.Request(target.Method, target.Path, target.Body, string.Concat(target.Headers.Select(static header => $"{header.Key}: {header.Value}\r\n")));
        _times = new long[(int)(rate * seconds)];
        _interval = Stopwatch.Frequency / rate;
        _lanes = [.. Enumerable.Range(0, connections).Select(_ => new Lane(target.Port))];
        _polled = [.. _lanes.Select(static lane => new PollEntry { Descriptor = lane.Descriptor, Events = Readable })];
        foreach (var lane in _lanes)
        {
            _idle.Push(lane);
        }
    }

    /// <summary>Loads a server.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <exception cref="BenchException">It did not answer them all.</exception>
    public static LoadResult Run(Target target, int connections, double rate, double seconds, CancellationToken cancellationToken)
    {
        // Timers of a thread are 50 µs late by default.
        _ = prctl(TimerSlack, 1, 0, 0, 0);
        var load = new PacedLoad(target, connections, rate, seconds);
        try
        {
            return load.Run(target, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new BenchException($"{target.Name} at a steady rate: {e.Message}");
        }
        finally
        {
            Array.ForEach(load._lanes, static lane => lane.Dispose());
        }
    }

    private LoadResult Run(Target target, CancellationToken cancellationToken)
    {
        var (sent, answered) = (0, 0);
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 100);
        var last = start;
        while (answered < _times.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // 1. What is due goes out, as far as connections are free.
            var now = Stopwatch.GetTimestamp();
            for (long due; sent < _times.Length && _idle.Count > 0 && (due = Due(start, sent)) <= now; sent++)
            {
                _idle.Pop().Send(_request, due);
            }

            // 2. Sleep until the next is due or an answer is there.
            var wait = sent < _times.Length && _idle.Count > 0 ? Math.Max(0, Due(start, sent) - now) : Stopwatch.Frequency;
            if (Poll(wait) == 0)
            {
                if (Stopwatch.GetElapsedTime(last) > s_limit)
                {
                    throw new BenchException($"{target.Name} left {sent - answered} requests unanswered for {s_limit.TotalSeconds:0} s");
                }

                continue;
            }

            // 3. Answers.
            for (var i = 0; i < _lanes.Length; i++)
            {
                if (_polled[i].Happened != 0 && _lanes[i].Receive(out var good))
                {
                    last = Stopwatch.GetTimestamp();
                    _times[answered++] = last - _lanes[i].Due;
                    _bad += good ? 0 : 1;
                    _idle.Push(_lanes[i]);
                }
            }
        }

        Array.Sort(_times);
        return new(answered / Stopwatch.GetElapsedTime(start, last).TotalSeconds, Microseconds(0.5), Microseconds(0.99), answered, _bad);
    }

    private long Due(long start, int index) => start + (long)(index * _interval);

    private double Microseconds(double share) => _times[Math.Max(0, (int)Math.Ceiling(share * _times.Length) - 1)] * 1e6 / Stopwatch.Frequency;

    private int Poll(long ticks)
    {
        var nanoseconds = ticks * (1_000_000_000 / Stopwatch.Frequency);
        var time = new TimeSpec { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) };
        return ppoll(_polled, (nuint)_polled.Length, in time, IntPtr.Zero);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

#pragma warning disable SYSLIB1054, IDE1006 // What the C library calls them; generated marshalling needs unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int ppoll([In, Out] PollEntry[] entries, nuint count, in TimeSpec time, IntPtr signals);

    [DllImport("libc")]
    private static extern int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
#pragma warning restore SYSLIB1054, IDE1006

    /// <summary>A connection with at most one request on it.</summary>
    private sealed class Lane : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[16 * 1024];
        private int _filled;

        public Lane(int port) => _socket.Connect(IPAddress.Loopback, port);

        public int Descriptor => (int)_socket.Handle;

        /// <summary>When the request on it was due.</summary>
        public long Due { get; private set; }

        public void Send(byte[] request, long due)
        {
            Due = due;
            _filled = 0;
            _socket.Send(request);
        }

        /// <summary>Reads what is there.</summary>
        /// <returns>Whether the answer is whole.</returns>
        public bool Receive(out bool good)
        {
            var count = _socket.Receive(_buffer.AsSpan(_filled));
            if (count == 0)
            {
                throw new IOException("the connection was closed");
            }

            _filled += count;
            var answer = _buffer.AsSpan(0, _filled);
            good = answer.StartsWith("HTTP/1.1 2"u8);
            var head = answer.IndexOf("\r\n\r\n"u8);
            return head >= 0 && _filled >= head + 4 + Length(answer[..head]);
        }

        public void Dispose() => _socket.Dispose();

        private static int Length(ReadOnlySpan<byte> head)
        {
            var name = "\r\nContent-Length: "u8;
            var start = head.IndexOf(name);
            if (start < 0)
            {
                throw new IOException("an answer without Content-Length: " + Encoding.ASCII.GetString(head));
            }

            var value = head[(start + name.Length)..];
            var end = value.IndexOf((byte)'\r');
            return int.Parse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture);
        }
    }
}
