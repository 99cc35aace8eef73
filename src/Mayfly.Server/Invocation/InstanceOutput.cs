using System.Runtime.InteropServices;
using System.Text;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Telemetry;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Invocation;

/// <summary>
/// What an instance prints: read from its pipe without blocking, cut into lines, kept as the tail of the running
/// invocation and handed to the function's log. Whoever reads takes the gate, so the invoker can drain what was
/// printed before an answer at the moment it settles.
/// </summary>
public sealed partial class InstanceOutput
{
    /// <summary>Longest line, as CloudWatch Logs has it; a longer one is broken.</summary>
    private const int MaxLine = 256 * 1024;

    /// <summary>What a pipe holds (64 KiB) and as much again, so that a function that prints without end holds nobody up.</summary>
    private const int DrainChunks = 2;

    private const int TryAgain = 11;
    private const int Interrupted = 4;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _pipe;
    private readonly FunctionLogs _logs;
    private readonly LogSource _source;
    private readonly TimeProvider _time;
    private readonly bool _isJson;
    private readonly PlatformLevel _least;
    private readonly ApplicationLevel _leastOfFunction;
    private readonly byte[] _tail = new byte[InvocationLimits.LogTail];
    private readonly byte[] _chunk = new byte[64 * 1024];
    private byte[] _line = new byte[1024];
    private int _lineLength;
    private long _tailWritten;
    private bool _keepsTail = true;
    private bool _ended;
    private TelemetryFeed? _feed;
    private TelemetryKinds _kind;

    /// <summary>Takes over the read end of a pipe that does not block.</summary>
    public InstanceOutput(SafeFileHandle pipe, FunctionKey function, string instance, FunctionLogs logs, TimeProvider time, LoggingSettings? logging = null)
    {
        (_pipe, _logs, _time) = (pipe, logs, time);
        _source = logs.SourceOf(function.Region, function.Name, instance);
        _isJson = logging?.IsJson == true;
        _leastOfFunction = ApplicationLevels.Parse(logging?.ApplicationLevel);
        _least = logging?.SystemLevel switch { "DEBUG" => PlatformLevel.Debug, "WARN" => PlatformLevel.Warn, _ => PlatformLevel.Info };
    }

    /// <summary>Whether several invocations print at once, so that their tail is one.</summary>
    internal bool IsShared { get; init; }

    /// <summary>Gets every platform record about the instance, whatever its log leaves out. Must not wait.</summary>
    internal Action<PlatformRecord>? Recorded { get; set; }

    /// <summary>The pipe's descriptor, for the pump's poll.</summary>
    internal int Descriptor => (int)_pipe.DangerousGetHandle();

    /// <summary>Whether the pipe's other side is closed and all was read.</summary>
    internal bool Ended => Volatile.Read(ref _ended);

    /// <summary>Whom to tell of each line and record; set before anything is read.</summary>
    internal void FeedTo(TelemetryFeed feed, TelemetryKinds kind)
    {
        (_feed, _kind) = (feed, kind);
        Recorded += feed.OnRecord;
    }

    /// <summary>Puts a record before everything that was not read yet.</summary>
    internal void Announce(PlatformRecord record)
    {
        lock (_gate)
        {
            Put(record);
        }
    }

    /// <summary>An invocation begins: empties the tail and writes its first line.</summary>
    /// <param name="start">What it says.</param>
    /// <param name="wantsTail">Whether anybody will ask for the tail.</param>
    internal void Begin(PlatformRecord start, bool wantsTail = true)
    {
        lock (_gate)
        {
            ReadAvailable(DrainChunks);
            _tailWritten = 0;
            _keepsTail = wantsTail || IsShared;
            Put(start);
        }
    }

    /// <summary>Puts platform records after everything printed so far.</summary>
    internal void Write(params ReadOnlySpan<PlatformRecord> records)
    {
        lock (_gate)
        {
            ReadAvailable(DrainChunks);
            foreach (var record in records)
            {
                Put(record);
            }
        }
    }

    /// <summary>Puts what only a log in plain text says in words, after everything printed so far.</summary>
    internal void WriteText(string line)
    {
        if (!_isJson)
        {
            Write(line);
        }
    }

    /// <summary>Puts lines of the platform's own after everything printed so far.</summary>
    internal void Write(params ReadOnlySpan<string> lines)
    {
        lock (_gate)
        {
            ReadAvailable(DrainChunks);
            foreach (var line in lines)
            {
                Put(line);
            }
        }
    }

    /// <summary>The last 4 KiB since the invocation began.</summary>
    internal byte[] Tail()
    {
        lock (_gate)
        {
            var length = (int)Math.Min(_tailWritten, _tail.Length);
            var result = new byte[length];
            for (int i = 0, at = (int)((_tailWritten - length) % _tail.Length); i < length; i++, at = (at + 1) % _tail.Length)
            {
                result[i] = _tail[at];
            }

            return result;
        }
    }

    /// <summary>Reads all that is in the pipe now.</summary>
    internal void Drain()
    {
        lock (_gate)
        {
            ReadAvailable(DrainChunks);
        }
    }

    /// <summary>One turn of the pump: reads a bounded amount, so that one noisy function cannot hold the others up.</summary>
    internal void PumpOnce()
    {
        lock (_gate)
        {
            ReadAvailable(4);
        }
    }

    internal void Close()
    {
        lock (_gate)
        {
            ReadAvailable(64);
            FlushLine();
            _ended = true;
            _pipe.Dispose();
        }
    }

    private void Put(PlatformRecord record)
    {
        Recorded?.Invoke(record);
        if (record.IsLogged(_isJson, _least))
        {
            BeginLine();
            if (_keepsTail)
            {
                AddToTail(Encoding.UTF8.GetBytes(record.ToLine(_isJson) + "\n"));
            }

            _logs.Append(_source, _time.GetUtcNow(), record, _isJson);
        }
    }

    private void Put(string line)
    {
        BeginLine();
        AddToTail(Encoding.UTF8.GetBytes(line + "\n"));
        _logs.Append(_source.Line(_time.GetUtcNow(), line));
    }

    // Ends a line that the function has begun.
    private void BeginLine()
    {
        if (_lineLength > 0)
        {
            AddToTail("\n"u8);
            Emit();
        }
    }

    private void ReadAvailable(int chunks)
    {
        while (!_ended && chunks-- > 0)
        {
            var read = Read(_pipe, _chunk, _chunk.Length);
            if (read <= 0)
            {
                _ended = read == 0 || Marshal.GetLastPInvokeError() is not (TryAgain or Interrupted);
                return;
            }

            if (_keepsTail)
            {
                AddToTail(_chunk.AsSpan(0, (int)read));
            }

            SplitLines(_chunk.AsSpan(0, (int)read));
            if (read < _chunk.Length)
            {
                return;
            }
        }
    }

    private void AddToTail(ReadOnlySpan<byte> bytes)
    {
        var kept = bytes.Length > _tail.Length ? bytes[^_tail.Length..] : bytes;
        _tailWritten += bytes.Length - kept.Length;
        var at = (int)(_tailWritten % _tail.Length);
        var first = Math.Min(kept.Length, _tail.Length - at);
        kept[..first].CopyTo(_tail.AsSpan(at));
        kept[first..].CopyTo(_tail);
        _tailWritten += kept.Length;
    }

    private void SplitLines(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var piece = end < 0 ? bytes : bytes[..end];
            while (!piece.IsEmpty)
            {
                var room = Math.Min(piece.Length, MaxLine - _lineLength);
                if (_line.Length < _lineLength + room)
                {
                    Array.Resize(ref _line, Math.Min(MaxLine, Math.Max(_line.Length * 2, _lineLength + room)));
                }

                piece[..room].CopyTo(_line.AsSpan(_lineLength));
                _lineLength += room;
                piece = piece[room..];
                if (_lineLength == MaxLine)
                {
                    FlushLine();
                }
            }

            if (end < 0)
            {
                return;
            }

            Emit();
            bytes = bytes[(end + 1)..];
        }
    }

    private void FlushLine()
    {
        if (_lineLength > 0)
        {
            Emit();
        }
    }

    private void Emit()
    {
        var text = Encoding.UTF8.GetString(_line, 0, _lineLength).TrimEnd('\r');
        _lineLength = 0;
        var now = _time.GetUtcNow();
        if (!_isJson || ApplicationLevels.OfLine(text) >= _leastOfFunction)
        {
            _logs.Append(_source.Line(now, text));
        }

        _feed?.OnLine(_kind, now, text);
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle descriptor, byte[] buffer, nint count);
}
