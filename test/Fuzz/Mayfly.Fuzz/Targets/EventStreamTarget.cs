using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Mayfly.Server.Dialects.Aws;

namespace Mayfly.Fuzz.Targets;

/// <summary>
/// The writer of event streams against a decoder of its own. An input is a number of headers, then for each a length, a
/// name, a length and a value, then the payload.
/// </summary>
internal sealed class EventStreamTarget : IFuzzTarget
{
    public string Name => "event-stream";

    public IReadOnlyList<byte[]> Tokens { get; } = [":event-type"u8.ToArray(), ":message-type"u8.ToArray(), "PayloadChunk"u8.ToArray(), [0], [255], [0xc3, 0xa9]];

    public Task StartAsync() => Task.CompletedTask;

    public Task<string> RunAsync(byte[] input)
    {
        var rest = input.AsSpan();
        var headers = new List<(string Name, string Value)>();
        for (var count = Byte(ref rest) % 8; count > 0; count--)
        {
            // Twice as long in UTF-8 at most: a name has 255 bytes at most, a value 65,535.
            headers.Add((Text(ref rest, 1, 127), Text(ref rest, 100, 30_000)));
        }

        var payload = rest.ToArray();
        var output = new ArrayBufferWriter<byte>();
        EventStreamWriter.Write(output, headers.ToArray(), payload);
        Check(output.WrittenSpan, headers, payload);
        return Task.FromResult($"{headers.Count} {payload.Length > 0}");
    }

    public byte[]? Shape(byte[] input, Random random) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Check(ReadOnlySpan<byte> message, List<(string Name, string Value)> headers, byte[] payload)
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(message[4..]);
        Same(BinaryPrimitives.ReadInt32BigEndian(message), message.Length, "the total length");
        Same(BinaryPrimitives.ReadUInt32BigEndian(message[8..]), Crc(message[..8]), "the prelude's checksum");
        Same(BinaryPrimitives.ReadUInt32BigEndian(message[^4..]), Crc(message[..^4]), "the message's checksum");
        var part = message.Slice(12, size);
        foreach (var (name, value) in headers)
        {
            Same(Encoding.UTF8.GetString(part.Slice(1, part[0])), name, "a name");
            part = part[(1 + part[0])..];
            Same(part[0], (byte)7, "the type of a value");
            var end = 3 + BinaryPrimitives.ReadUInt16BigEndian(part[1..]);
            Same(Encoding.UTF8.GetString(part[3..end]), value, "a value");
            part = part[end..];
        }

        Same(part.Length, 0, "the rest of the headers");
        if (!message[(12 + size)..^4].SequenceEqual(payload))
        {
            throw new FuzzException("the payload came out otherwise than it went in");
        }
    }

    private static void Same<T>(T actual, T expected, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            throw new FuzzException($"{what} is {actual}, not {expected}");
        }
    }

    // CRC-32 bit by bit, as the standard describes it.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }

    private static int Byte(ref Span<byte> rest)
    {
        var value = rest.IsEmpty ? 0 : rest[0];
        rest = rest.IsEmpty ? rest : rest[1..];
        return value;
    }

    private static string Text(ref Span<byte> rest, int unit, int most)
    {
        var length = Math.Min(Math.Min(Byte(ref rest) * unit, most), rest.Length);
        var text = Encoding.Latin1.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }
}
