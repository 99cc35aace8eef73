namespace Mayfly.Server.Resources.EventSources;

/// <summary>Gathers the records of one invocation: as many as the mapping allows, and no more bytes than an invocation takes.</summary>
/// <param name="size">Most records.</param>
/// <param name="head">What the payload has before the records.</param>
/// <param name="tail">What it has after them.</param>
internal sealed class BatchBuilder(int size, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail)
{
    private readonly List<SourceMessage> _messages = [];
    private long _bytes = head.Length + tail.Length;

    /// <summary>What was gathered.</summary>
    public IReadOnlyList<SourceMessage> Messages => _messages;

    /// <summary>Whether there are as many records as the mapping allows.</summary>
    public bool IsFull => _messages.Count >= size;

    /// <summary>Adds a message. The first is taken however large it is: what is too large for an invocation is refused there.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(SourceMessage message)
    {
        var bytes = _bytes + message.Record.Length + (_messages.Count == 0 ? 0 : 1);
        if (_messages.Count > 0 && (IsFull || bytes > EventSourceMapping.MaxPayload))
        {
            return false;
        }

        _bytes = bytes;
        _messages.Add(message);
        return true;
    }

    /// <summary>The payload of the invocation.</summary>
    public byte[] Payload()
    {
        var payload = GC.AllocateUninitializedArray<byte>((int)_bytes);
        var at = 0;
        void Put(ReadOnlySpan<byte> piece)
        {
            piece.CopyTo(payload.AsSpan(at));
            at += piece.Length;
        }

        Put(head.Span);
        for (var i = 0; i < _messages.Count; i++)
        {
            if (i > 0)
            {
                Put(","u8);
            }

            Put(_messages[i].Record.Span);
        }

        Put(tail.Span);
        return payload;
    }
}
