using System.Buffers.Binary;
using System.IO.Hashing;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>CRC64NVME, sixteen bytes a step by tables.</summary>
internal sealed class Crc64Nvme() : NonCryptographicHashAlgorithm(sizeof(ulong))
{
    /// <summary>Its polynomial, the lowest power in the highest bit.</summary>
    public const ulong Polynomial = 0x9A6C_9329_AC4B_C9B5;

    private const int Step = 16;

    // Of each byte value, what it does to the sum when it stands so many bytes before the end of a step.
    private static readonly ulong[] Tables = MakeTables();

    private ulong _state = ulong.MaxValue;

    public override void Append(ReadOnlySpan<byte> source)
    {
        var state = _state;
        var tables = Tables.AsSpan();
        while (source.Length >= Step)
        {
            var low = BinaryPrimitives.ReadUInt64LittleEndian(source) ^ state;
            var high = BinaryPrimitives.ReadUInt64LittleEndian(source[sizeof(ulong)..]);
            state = 0;
            for (var i = 0; i < sizeof(ulong); i++)
            {
                state ^= tables[((Step - 1 - i) << 8) | (byte)(low >> (i << 3))] ^ tables[((sizeof(ulong) - 1 - i) << 8) | (byte)(high >> (i << 3))];
            }

            source = source[Step..];
        }

        foreach (var one in source)
        {
            state = (state >> 8) ^ tables[(byte)state ^ one];
        }

        _state = state;
    }

    public override void Reset() => _state = ulong.MaxValue;

    protected override void GetCurrentHashCore(Span<byte> destination) => BinaryPrimitives.WriteUInt64BigEndian(destination, ~_state);

    private static ulong[] MakeTables()
    {
        var tables = new ulong[Step * 256];
        for (var i = 0; i < 256; i++)
        {
            var sum = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? (sum >> 1) ^ Polynomial : sum >> 1;
            }

            tables[i] = sum;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            tables[i] = (tables[i - 256] >> 8) ^ tables[(byte)tables[i - 256]];
        }

        return tables;
    }
}
