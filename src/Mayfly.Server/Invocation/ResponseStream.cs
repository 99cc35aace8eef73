using System.Buffers;

namespace Mayfly.Server.Invocation;

/// <summary>
/// An answer on its way from a function to a caller that takes it piece by piece. One side writes, one side reads, on any
/// threads. At most <see cref="Window"/> bytes wait in it, so a slow reader stops the function and nothing else.
/// A caller that wants a stream puts one on its <see cref="InvocationRequest"/> and reads it while the invocation runs;
/// the invoker ends it, whatever happens. A function that answers in one piece leaves it empty: <see cref="ContentType"/>
/// then stays <see langword="null"/>, and the answer is in the <see cref="InvocationResult"/>.
/// </summary>
public sealed class ResponseStream
{
    /// <summary>Most bytes that wait for the reader: 256 KiB.</summary>
    public const int Window = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _waiting = new();
    private readonly ArrayBufferWriter<byte>? _collected;
    private TaskCompletionSource? _readable;
    private TaskCompletionSource? _room;
    private Action<int>? _onTaken;
    private long _written;
    private int _unread;
    private int _reading;
    private bool _abandoned;
    private bool _ended;

    /// <summary>Makes a stream.</summary>
    /// <param name="limit">Most bytes in all.</param>
    public ResponseStream(long limit = InvocationLimits.MaxStream)
        : this(limit, null)
    {
    }

    private ResponseStream(long limit, ArrayBufferWriter<byte>? collected) => (Limit, _collected) = (limit, collected);

    /// <summary>What the bytes are, as the function says; <see langword="null"/> until it begins to stream.</summary>
    public string? ContentType { get; private set; }

    /// <summary>The version that runs; <see langword="null"/> until one does.</summary>
    public string? ExecutedVersion { get; internal set; }

    /// <summary>Most bytes in all.</summary>
    public long Limit { get; }

    /// <summary>Whether the function wrote more than the limit. What is over it is lost.</summary>
    public bool IsOverLimit { get; private set; }

    /// <summary>Whether the function has said that no more bytes come. It may run on, and the invocation with it.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether the invocation has ended, so that nothing comes after what waits.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <summary>A stream for a caller who wants the answer in one piece: keeps what it gets.</summary>
    internal static ResponseStream Collecting() => new(InvocationLimits.MaxResponse, new());

    /// <summary>The next bytes; empty at the end, which comes when the stream is whole or the invocation has ended. The bytes before them are then given up.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource readable;
            lock (_gate)
            {
                Take();
                if (_waiting.TryDequeue(out var next))
                {
                    _reading = next.Length;
                    return next;
                }

                if (_ended || IsWhole)
                {
                    return default;
                }

                readable = _readable ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await readable.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The reader is gone. The function runs on; what it writes is thrown away.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            _waiting.Clear();
            _reading = _unread;
            Take();
        }
    }

    /// <summary>The function begins to stream.</summary>
    /// <param name="contentType">What the bytes are.</param>
    /// <param name="onTaken">Gets the number of bytes whenever some have left the stream. Called under its gate: must not call back.</param>
    internal void Begin(string contentType, Action<int>? onTaken)
    {
        lock (_gate)
        {
            ContentType = contentType.Length == 0 ? "application/octet-stream" : contentType;
            _onTaken = onTaken;
        }
    }

    /// <summary>Adds bytes, which the stream keeps. Never waits: the writer keeps to the window.</summary>
    internal void Write(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (bytes.IsEmpty)
            {
                return;
            }

            _written += bytes.Length;
            IsOverLimit |= _written > Limit;
            if (_collected is null && !IsOverLimit && !_abandoned && !_ended)
            {
                _waiting.Enqueue(bytes);
                _unread += bytes.Length;
                Wake(ref _readable);
                return;
            }

            if (!IsOverLimit && !_ended)
            {
                _collected?.Write(bytes.Span);
            }

            // No reader stands in the way of these.
            _onTaken?.Invoke(bytes.Length);
        }
    }

    /// <summary>The function says that no more bytes come.</summary>
    internal void Complete()
    {
        lock (_gate)
        {
            IsWhole = !IsOverLimit;
            Wake(ref _readable);
        }
    }

    /// <summary>Waits until less than the window is unread.</summary>
    internal async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource room;
            lock (_gate)
            {
                if (_unread < Window || _ended)
                {
                    return;
                }

                room = _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The invocation has ended: no more bytes count. Those that wait can still be read.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
            Wake(ref _readable);
            Wake(ref _room);
        }
    }

    /// <summary>All that was written, in one piece, when the stream was made to collect; else nothing.</summary>
    internal ReadOnlyMemory<byte> Collected()
    {
        lock (_gate)
        {
            return IsOverLimit ? default : _collected?.WrittenMemory ?? default;
        }
    }

    private void Take()
    {
        if (_reading > 0)
        {
            var taken = _reading;
            _reading = 0;
            _unread -= taken;
            _onTaken?.Invoke(taken);
            Wake(ref _room);
        }
    }

    private static void Wake(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }
}
