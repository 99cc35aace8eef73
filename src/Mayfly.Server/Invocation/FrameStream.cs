namespace Mayfly.Server.Invocation;

/// <summary>
/// One streamed answer behind frames: counts what the program may send, so that it stops when its reader does and no other
/// slot waits. The program begins with <see cref="ResponseStream.Window"/> bytes and is granted as many as are taken.
/// </summary>
/// <param name="grant">Sends a window frame. Must not wait.</param>
internal sealed class FrameStream(Action<int> grant)
{
    /// <summary>Most bytes of a content type.</summary>
    public const int MaxContentType = 1024;

    /// <summary>Grants are saved up to this many bytes: few frames, and never all of the window.</summary>
    private const int GrantAt = ResponseStream.Window / 4;

    private readonly Lock _gate = new();
    private int _allowed = ResponseStream.Window;
    private int _taken;
    private bool _complete;
    private bool _closed;

    /// <summary>Where the bytes go: the stream of the invocation that runs on the slot.</summary>
    public ResponseStream? Target { get; set; }

    /// <summary>Takes bytes from the program; none say that no more come.</summary>
    /// <returns>Whether it was allowed to send them.</returns>
    public bool TryWrite(byte[] bytes)
    {
        if (_complete || Interlocked.Add(ref _allowed, -bytes.Length) < 0)
        {
            return false;
        }

        if (bytes.Length == 0)
        {
            _complete = true;
            Target!.Complete();
            return true;
        }

        Target!.Write(bytes);
        return true;
    }

    /// <summary>The program has ended the stream: nothing is granted any more, though some may still be read.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Bytes have left the target.</summary>
    public void OnTaken(int bytes)
    {
        lock (_gate)
        {
            _taken += bytes;
            if (_closed || _taken < GrantAt)
            {
                return;
            }

            Interlocked.Add(ref _allowed, _taken);
            grant(_taken);
            _taken = 0;
        }
    }
}
