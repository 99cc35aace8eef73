using System.Buffers.Binary;
using System.Text;

namespace Mayfly.Shims.DotNet;

/// <summary>The content of an <see cref="FrameType.Invoke"/> frame.</summary>
internal sealed record Invocation(long DeadlineMs, string RequestId, string FunctionArn, string TraceId, string ClientContext, string Identity, string TenantId, ReadOnlyMemory<byte> Event)
{
    /// <summary>Reads a frame's payload.</summary>
    public static Invocation Read(byte[] payload)
    {
        var offset = 8;
        string Text()
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(offset));
            var text = Encoding.UTF8.GetString(payload, offset + 2, length);
            offset += 2 + length;
            return text;
        }

        var deadline = BinaryPrimitives.ReadInt64BigEndian(payload);
        var (id, arn, trace, context, identity, tenant) = (Text(), Text(), Text(), Text(), Text(), Text());
        return new(deadline, id, arn, trace, context, identity, tenant, payload.AsMemory(offset));
    }
}
