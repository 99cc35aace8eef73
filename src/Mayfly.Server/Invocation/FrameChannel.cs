using System.Net.Sockets;
using System.Text;
using Mayfly.Server.Protocol;

namespace Mayfly.Server.Invocation;

/// <summary>Talks frames to a built-in shim over an inherited socket; docs/paths/frames.md is the contract.</summary>
/// <param name="socket">The server's end.</param>
public sealed class FrameChannel(Socket socket) : IInvocationChannel
{
    private readonly FrameSender _sender = new(socket);
    private Instance? _instance;
    private FrameStream?[] _streams = [];
    private bool _ready;

    /// <inheritdoc />
    public void Begin(Instance instance)
    {
        _instance = instance;
        _streams = new FrameStream?[instance.SlotCount + 1];
        _sender.Begin(instance);
        _ = ReceiveAsync(instance);
    }

    /// <inheritdoc />
    public void Send(int slot, ActiveInvocation invocation) => _sender.Send(slot, invocation);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReceiveAsync(Instance instance)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
        var (at, filled) = (0, 0);
        try
        {
            while (true)
            {
                while (filled - at < FrameFormat.HeaderSize)
                {
                    buffer.AsSpan(at, filled - at).CopyTo(buffer);
                    (at, filled) = (0, filled - at);
                    _sender.Release();
                    var read = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                    _sender.Hold();
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                }

                if (!FrameFormat.TryReadHeader(buffer.AsSpan(at), out var length, out var type, out var slot))
                {
                    instance.OnBroken();
                    return;
                }

                at += FrameFormat.HeaderSize;
                var payload = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(length);
                var buffered = Math.Min(length, filled - at);
                buffer.AsSpan(at, buffered).CopyTo(payload);
                at += buffered;
                while (buffered < length)
                {
                    _sender.Release();
                    var read = await socket.ReceiveAsync(payload.AsMemory(buffered), SocketFlags.None);
                    _sender.Hold();
                    if (read == 0)
                    {
                        return;
                    }

                    buffered += read;
                }

                if (!Report(instance, type, slot, payload))
                {
                    instance.OnBroken();
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sandbox's end is reported by the sandbox itself, with its exit status.
        }
        finally
        {
            _sender.Release();
        }
    }

    // The bytes come from a sandbox: whatever breaks the rules ends the instance.
    private bool Report(Instance instance, FrameType type, int slot, byte[] payload)
    {
        switch (type)
        {
            case FrameType.Ready when _ready:
                return false;
            case FrameType.Ready:
                _ready = true;
                for (var number = 1; number <= instance.SlotCount; number++)
                {
                    instance.OnParked(number);
                }

                return true;
            case FrameType.Template when !_ready:
                _ready = true;
                instance.OnTemplate(Encoding.UTF8.GetString(payload));
                return true;
            case FrameType.InitError:
                instance.OnInitError(payload);
                return true;
            case FrameType.StreamBegin or FrameType.StreamChunk or FrameType.StreamEnd:
                return slot >= 1 && slot < _streams.Length && ReportStream(instance, type, slot, payload);
            case FrameType.Fatal:
                // The program is about to exit: parked, it could be given an invocation that it will never run.
                if (slot < _streams.Length && _streams[slot] is { } open)
                {
                    open.Close();
                    _streams[slot] = null;
                }

                instance.OnAnswer(slot, new(AnswerKind.Error, payload));
                return false;
            case FrameType.Response or FrameType.Error:
                var kind = type == FrameType.Error ? AnswerKind.Error
                    : payload.Length > InvocationLimits.MaxResponse ? AnswerKind.TooLarge
                    : AnswerKind.Response;
                return slot >= 1 && slot < _streams.Length && _streams[slot] is null
                    && Answer(instance, slot, new(kind, kind == AnswerKind.TooLarge ? default : payload));
            default:
                return false;
        }
    }

    private bool ReportStream(Instance instance, FrameType type, int slot, byte[] payload)
    {
        var stream = _streams[slot];
        switch (type)
        {
            case FrameType.StreamBegin when stream is null && payload.Length <= FrameStream.MaxContentType:
                stream = new(bytes => _sender.Grant(slot, bytes));
                _streams[slot] = stream;
                stream.Target = instance.OnStream(slot, Encoding.UTF8.GetString(payload), stream.OnTaken);
                return stream.Target is not null;
            case FrameType.StreamChunk when stream is not null:
                return stream.TryWrite(payload);
            case FrameType.StreamEnd when stream is not null:
                // From here on nothing is granted, so that nothing is granted to the next stream on this slot.
                stream.Close();
                _streams[slot] = null;
                return Answer(instance, slot, payload.Length == 0 ? new(AnswerKind.Streamed, default) : new(AnswerKind.Error, payload));
            default:
                return false;
        }
    }

    private bool Answer(Instance instance, int slot, in Answer answer)
    {
        if (!instance.IsOpen(slot))
        {
            return false;
        }

        _sender.OnAnswered();

        // Parked first: the caller goes on within the answer, and its next invocation finds the slot free.
        instance.OnParked(slot);
        return instance.OnAnswer(slot, answer);
    }
}
