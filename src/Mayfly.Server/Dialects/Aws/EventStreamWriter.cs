using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws;

/// <summary>
/// Writes messages of <c>application/vnd.amazon.eventstream</c>: total length, length of the headers, checksum of these two;
/// the headers; the payload; checksum of all that. Numbers are big-endian, checksums CRC-32, every header here is text.
/// </summary>
public static class EventStreamWriter
{
    /// <summary>The content type of a stream of messages.</summary>
    public const string ContentType = "application/vnd.amazon.eventstream";

    private const int PreludeSize = 12;
    private const int ChecksumSize = 4;
    private const byte TextType = 7;

    /// <summary>Writes an event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="type">Its name in the service model.</param>
    /// <param name="contentType">Of the payload.</param>
    /// <param name="payload">The bytes.</param>
    public static void WriteEvent(IBufferWriter<byte> output, string type, string contentType, ReadOnlySpan<byte> payload) =>
        Write(output, [(":event-type", type), (":content-type", contentType), (":message-type", "event")], payload);

    /// <summary>Writes a message.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="headers">Names of at most 255 bytes, values of at most 65,535, in order.</param>
    /// <param name="payload">The bytes.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<(string Name, string Value)> headers, ReadOnlySpan<byte> payload)
    {
        // 1. Prelude and headers.
        var size = 0;
        foreach (var (name, value) in headers)
        {
            size += sizeof(byte) + Encoding.UTF8.GetByteCount(name) + sizeof(byte) + sizeof(ushort) + Encoding.UTF8.GetByteCount(value);
        }

        var head = output.GetSpan(PreludeSize + size)[..(PreludeSize + size)];
        BinaryPrimitives.WriteUInt32BigEndian(head, checked((uint)(PreludeSize + size + payload.Length + ChecksumSize)));
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], (uint)size);
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], Crc32.Append(0, head[..8]));
        var rest = head[PreludeSize..];
        foreach (var (name, value) in headers)
        {
            var length = Encoding.UTF8.GetBytes(name, rest[1..]);
            rest[0] = checked((byte)length);
            rest[1 + length] = TextType;
            rest = rest[(2 + length)..];
            length = Encoding.UTF8.GetBytes(value, rest[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)length));
            rest = rest[(sizeof(ushort) + length)..];
        }

        var checksum = Crc32.Append(0, head);
        output.Advance(head.Length);

        // 2. Payload and checksum.
        output.Write(payload);
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(ChecksumSize), Crc32.Append(checksum, payload));
        output.Advance(ChecksumSize);
    }
}
