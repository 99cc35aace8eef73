using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mayfly.Server.Protocol;

/// <summary>Reads and writes the bytes of frames; docs/paths/frames.md is the contract.</summary>
public static class FrameFormat
{
    /// <summary>Length, type and slot.</summary>
    public const int HeaderSize = 9;

    /// <summary>Most bytes of a frame's payload: 16 MiB.</summary>
    public const int MaxPayload = 16 * 1024 * 1024;

    /// <summary>Reads a header.</summary>
    /// <returns>Whether length and type are possible.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out int length, out FrameType type, out int slot)
    {
        var size = BinaryPrimitives.ReadUInt32BigEndian(header);
        type = (FrameType)header[4];
        var number = BinaryPrimitives.ReadUInt32BigEndian(header[5..]);
        length = (int)Math.Min(size, int.MaxValue);
        slot = (int)Math.Min(number, int.MaxValue);
        return size <= MaxPayload && type is (>= FrameType.Ready and <= FrameType.Fatal) or FrameType.Template;
    }

    /// <summary>Writes a whole window frame.</summary>
    public static void WriteStreamWindow(IBufferWriter<byte> output, int slot, int bytes) => WriteNumber(output, FrameType.StreamWindow, slot, (uint)bytes);

    /// <summary>Writes a whole poll frame.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="time">For how long the shim looks for the next frame before it sleeps.</param>
    public static void WritePoll(IBufferWriter<byte> output, TimeSpan time) => WriteNumber(output, FrameType.Poll, 0, (uint)time.TotalMicroseconds);

    /// <summary>Writes the head of an invoke frame: everything before the event's own bytes.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="deadlineMs">Milliseconds since 1970.</param>
    /// <param name="texts">Request id, function ARN, trace id, client context, identity, tenant id; empty where absent.</param>
    /// <param name="payloadLength">Bytes of the event that follow.</param>
    public static void WriteInvokeHead(IBufferWriter<byte> output, int slot, long deadlineMs, ReadOnlySpan<string> texts, int payloadLength)
    {
        var size = sizeof(long);
        foreach (var text in texts)
        {
            size += sizeof(ushort) + Encoding.UTF8.GetByteCount(text);
        }

        var span = output.GetSpan(HeaderSize + size);
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)(size + payloadLength));
        span[4] = (byte)FrameType.Invoke;
        BinaryPrimitives.WriteUInt32BigEndian(span[5..], (uint)slot);
        BinaryPrimitives.WriteInt64BigEndian(span[HeaderSize..], deadlineMs);
        var at = HeaderSize + sizeof(long);
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetBytes(text, span[(at + sizeof(ushort))..]);
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], (ushort)length);
            at += sizeof(ushort) + length;
        }

        output.Advance(at);
    }

    private static void WriteNumber(IBufferWriter<byte> output, FrameType type, int slot, uint number)
    {
        const int Size = HeaderSize + sizeof(uint);
        var span = output.GetSpan(Size);
        BinaryPrimitives.WriteUInt32BigEndian(span, sizeof(uint));
        span[4] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(span[5..], (uint)slot);
        BinaryPrimitives.WriteUInt32BigEndian(span[HeaderSize..], number);
        output.Advance(Size);
    }
}
