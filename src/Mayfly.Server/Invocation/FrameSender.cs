using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using Mayfly.Server.Protocol;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Sends frames to a program. One that runs nothing gets its frame at once. For one that does, frames are collected until the channel has
/// handled all that it received, or until the turn ends, so that several share a system call on either side.
/// </summary>
/// <param name="socket">The server's end.</param>
internal sealed class FrameSender(Socket socket)
{
    /// <summary>Larger events are sent without being copied.</summary>
    private const int CopyBelow = 16 * 1024;

    /// <summary>As many frames are sent whatever else there is to do, so that the program need not wait.</summary>
    private const int Enough = 8;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private ArrayBufferWriter<byte> _collected = new(512);
    private ArrayBufferWriter<byte> _leaving = new(512);
    private Instance? _instance;
    private int _running;
    private int _frames;
    private bool _isHeld;
    private int _receiver;

    /// <summary>Learns whose it is, before anything is sent.</summary>
    public void Begin(Instance instance) => _instance = instance;

    /// <summary>Sends an invocation.</summary>
    public void Send(int slot, ActiveInvocation invocation)
    {
        var isFirst = Interlocked.Increment(ref _running) == 1;
        if (invocation.Payload.Length > CopyBelow)
        {
            _ = FlushAsync(slot, invocation);
            return;
        }

        bool isDue;
        lock (_gate)
        {
            if (invocation.IsPolled)
            {
                FrameFormat.WritePoll(_collected, BusyPoll.Limit);
            }

            WriteHead(_collected, slot, invocation);
            _collected.Write(invocation.Payload.Span);
            isDue = ++_frames == Enough || isFirst;
            if (!isDue && _isHeld)
            {
                return;
            }

            _isHeld |= !isDue;
        }

        if (isDue)
        {
            _ = FlushAsync();
            if (invocation.IsPolled)
            {
                Poll();
            }
        }
        else
        {
            TurnEnd.OfProcess.Add(this);
        }
    }

    /// <summary>Lets a slot stream a number of bytes more.</summary>
    public void Grant(int slot, int bytes)
    {
        lock (_gate)
        {
            FrameFormat.WriteStreamWindow(_collected, slot, bytes);
        }

        _ = FlushAsync();
    }

    /// <summary>The program has answered an invocation.</summary>
    public void OnAnswered() => Interlocked.Decrement(ref _running);

    /// <summary>From now on frames are collected until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _isHeld = true;
        }

        _receiver = Environment.CurrentManagedThreadId;
    }

    /// <summary>Sends what was collected.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            if (_frames == 0)
            {
                return;
            }
        }

        _ = FlushAsync();
    }

    // Only the thread that receives the answer gains by that: it has it at hand when it returns to its sockets.
    private void Poll()
    {
        var began = Stopwatch.GetTimestamp();
        while (Environment.CurrentManagedThreadId == _receiver && !socket.Poll(0, SelectMode.SelectRead) && Stopwatch.GetElapsedTime(began) < BusyPoll.Limit)
        {
            Thread.Yield();
        }
    }

    private static void WriteHead(ArrayBufferWriter<byte> output, int slot, ActiveInvocation invocation) => FrameFormat.WriteInvokeHead(
        output,
        slot,
        invocation.DeadlineMs,
        [invocation.RequestId, invocation.FunctionArn, invocation.TraceId, invocation.ClientContext ?? "", invocation.CognitoIdentity ?? "", invocation.TenantId ?? ""],
        invocation.Payload.Length);

    // Sends all that was collected, and then a large invocation.
    private async Task FlushAsync(int slot = 0, ActiveInvocation? large = null)
    {
        await _sending.WaitAsync();
        try
        {
            lock (_gate)
            {
                (_collected, _leaving) = (_leaving, _collected);
                _frames = 0;
            }

            if (large is not null)
            {
                WriteHead(_leaving, slot, large);
            }

            await SendAllAsync(_leaving.WrittenMemory);
            await SendAllAsync(large?.Payload ?? default);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _instance!.OnBroken();
        }
        finally
        {
            _leaving.ResetWrittenCount();
            _sending.Release();
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
        }
    }
}
