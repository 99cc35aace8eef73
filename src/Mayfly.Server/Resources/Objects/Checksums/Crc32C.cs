using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>CRC32C (Castagnoli), by the processor's instruction.</summary>
internal sealed class Crc32C() : NonCryptographicHashAlgorithm(sizeof(uint))
{
    private uint _state = uint.MaxValue;

    public override void Append(ReadOnlySpan<byte> source)
    {
        var state = _state;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(source))
        {
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var one in source[^(source.Length % sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, one);
        }

        _state = state;
    }

    public override void Reset() => _state = uint.MaxValue;

    protected override void GetCurrentHashCore(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, ~_state);
}
