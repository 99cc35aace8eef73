using System.Buffers.Binary;
using System.Text;

namespace Mayfly.Shims.DotNet;

/// <summary>The content of an <see cref="FrameType.Invoke"/> frame.</summary>
internal sealed class Invocation
{
    private readonly byte[] payload;
    private readonly int start;

    /// <summary>Reads a frame's payload, which it keeps.</summary>
    public Invocation(byte[] payload)
    {
        this.payload = payload;
        var offset = 8;
        DeadlineMs = BinaryPrimitives.ReadInt64BigEndian(payload);
        RequestId = Text(payload, ref offset);
        FunctionArn = Text(payload, ref offset);
        TraceId = Text(payload, ref offset);
        ClientContext = Text(payload, ref offset);
        Identity = Text(payload, ref offset);
        TenantId = Text(payload, ref offset);
        start = offset;
    }

    /// <summary>When its time is up, in ms since 1970.</summary>
    public long DeadlineMs { get; }

    /// <summary>Its id.</summary>
    public string RequestId { get; }

    /// <summary>The function as it was called.</summary>
    public string FunctionArn { get; }

    /// <summary>The trace header; empty for none.</summary>
    public string TraceId { get; }

    /// <summary>What the caller's program says about itself, JSON; empty for nothing.</summary>
    public string ClientContext { get; }

    /// <summary>Who the caller's user is, JSON; empty for nobody.</summary>
    public string Identity { get; }

    /// <summary>The tenant; empty for none.</summary>
    public string TenantId { get; }

    /// <summary>The event's bytes.</summary>
    public ReadOnlyMemory<byte> Event => payload.AsMemory(start);

    /// <summary>The event as a stream to read.</summary>
    public MemoryStream EventStream() => new(payload, start, payload.Length - start, writable: false);

    private static string Text(byte[] payload, ref int offset)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(offset));
        var text = Encoding.UTF8.GetString(payload, offset + 2, length);
        offset += 2 + length;
        return text;
    }
}
