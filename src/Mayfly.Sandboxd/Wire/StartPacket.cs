using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mayfly.Sandboxd.Wire;

/// <summary>
/// A <see cref="StartMessage"/> as bytes: a cold call waits until it is written and read, which JSON makes slower. All others are JSON,
/// which never begins with <see cref="Mark"/>. Numbers are four bytes, little-endian; a text is its length in bytes, -1 for none, and UTF-8; the
/// environment is the length of a JSON object, and that.
/// </summary>
internal static class StartPacket
{
    internal const byte Mark = 1;

    /// <summary>Writes one.</summary>
    internal static ReadOnlySpan<byte> Write(SandboxSpec spec)
    {
        var packet = new ArrayBufferWriter<byte>(4096);
        packet.Write([Mark]);
        PutText(packet, spec.Id);
        PutText(packet, spec.CodeSha256);
        PutFlag(packet, spec.CodeIsRoot);
        PutText(packet, spec.Folder);
        PutText(packet, spec.LayersSha256);
        PutText(packet, spec.Stem);
        PutText(packet, spec.Shim);
        PutTexts(packet, spec.Command);
        PutBytes(packet, PackedEnvironment.Pack(spec.Environment));
        PutNumber(packet, spec.MemoryMb);
        PutNumber(packet, spec.TmpMb);
        PutNumber(packet, (int)spec.Network);
        PutTexts(packet, spec.Mounts);
        PutFlag(packet, spec.Channel);
        PutFlag(packet, spec.IsTemplate);
        PutText(packet, spec.ForkOf);
        PutFlag(packet, spec.Supervised);
        return packet.WrittenSpan;
    }

    /// <summary>Reads one. Nothing that is in it has been checked yet, as with the others.</summary>
    /// <exception cref="IOException">It is none.</exception>
    internal static StartMessage Read(ReadOnlyMemory<byte> packet)
    {
        var rest = packet.Span[1..];
        var spec = new SandboxSpec
        {
            Id = TakeText(ref rest)!,
            CodeSha256 = TakeText(ref rest)!,
            CodeIsRoot = TakeFlag(ref rest),
            Folder = TakeText(ref rest)!,
            LayersSha256 = TakeText(ref rest),
            Stem = TakeText(ref rest),
            Shim = TakeText(ref rest),
            Command = TakeTexts(ref rest),
            Environment = new PackedEnvironment(TakeBytes(packet, ref rest)),
            MemoryMb = TakeNumber(ref rest),
            TmpMb = TakeNumber(ref rest),
            Network = (SandboxNetworkMode)TakeNumber(ref rest),
            Mounts = TakeTexts(ref rest),
            Channel = TakeFlag(ref rest),
            IsTemplate = TakeFlag(ref rest),
            ForkOf = TakeText(ref rest),
            Supervised = TakeFlag(ref rest),
        };
        return rest.IsEmpty ? new(spec) : throw Wrong();
    }

    private static void PutNumber(ArrayBufferWriter<byte> packet, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(packet.GetSpan(sizeof(int)), number);
        packet.Advance(sizeof(int));
    }

    private static void PutFlag(ArrayBufferWriter<byte> packet, bool flag) => PutNumber(packet, flag ? 1 : 0);

    private static void PutText(ArrayBufferWriter<byte> packet, string? text)
    {
        if (text is null)
        {
            PutNumber(packet, -1);
            return;
        }

        var place = packet.GetSpan(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, place[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(place, length);
        packet.Advance(sizeof(int) + length);
    }

    private static void PutBytes(ArrayBufferWriter<byte> packet, ReadOnlySpan<byte> bytes)
    {
        PutNumber(packet, bytes.Length);
        packet.Write(bytes);
    }

    private static void PutTexts(ArrayBufferWriter<byte> packet, IReadOnlyList<string> texts)
    {
        PutNumber(packet, texts.Count);
        foreach (var text in texts)
        {
            PutText(packet, text);
        }
    }

    private static int TakeNumber(ref ReadOnlySpan<byte> rest)
    {
        if (!BinaryPrimitives.TryReadInt32LittleEndian(rest, out var number))
        {
            throw Wrong();
        }

        rest = rest[sizeof(int)..];
        return number;
    }

    private static bool TakeFlag(ref ReadOnlySpan<byte> rest) => TakeNumber(ref rest) != 0;

    private static string? TakeText(ref ReadOnlySpan<byte> rest)
    {
        var length = TakeNumber(ref rest);
        if (length < -1 || length > rest.Length)
        {
            throw Wrong();
        }

        if (length < 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }

    // Each of what is counted takes four bytes at least, so that a number alone claims no memory.
    private static int TakeCount(ref ReadOnlySpan<byte> rest) =>
        TakeNumber(ref rest) is >= 0 and var count && count <= rest.Length / sizeof(int) ? count : throw Wrong();

    private static string[] TakeTexts(ref ReadOnlySpan<byte> rest)
    {
        var texts = new string[TakeCount(ref rest)];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = TakeText(ref rest)!;
        }

        return texts;
    }

    private static ReadOnlyMemory<byte> TakeBytes(ReadOnlyMemory<byte> packet, ref ReadOnlySpan<byte> rest)
    {
        var length = TakeNumber(ref rest);
        if (length < 0 || length > rest.Length)
        {
            throw Wrong();
        }

        var bytes = packet.Slice(packet.Length - rest.Length, length);
        rest = rest[length..];
        return bytes;
    }

    private static IOException Wrong() => new("A message was not understood: it is no start.");
}
