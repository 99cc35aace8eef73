using System.Buffers.Binary;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>The CRC of two texts one after the other, from the CRC of each and the length of the second.</summary>
internal static class CrcCombination
{
    private const ulong Crc32Polynomial = 0xEDB8_8320;
    private const ulong Crc32CPolynomial = 0x82F6_3B78;

    /// <summary>Combines two sums as S3 writes them.</summary>
    public static byte[] Combine(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long secondLength)
    {
        var (polynomial, bits) = algorithm switch
        {
            ChecksumAlgorithm.Crc32 => (Crc32Polynomial, 32),
            ChecksumAlgorithm.Crc32C => (Crc32CPolynomial, 32),
            ChecksumAlgorithm.Crc64Nvme => (Crc64Nvme.Polynomial, 64),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "This sum cannot be combined."),
        };
        var sum = Multiply(Read(first), PowerOfX(secondLength, polynomial, bits), polynomial, bits) ^ Read(second);
        var combined = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(combined, sum);
        return combined[^(bits / 8)..];
    }

    private static ulong Read(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        foreach (var one in bytes)
        {
            value = (value << 8) | one;
        }

        return value;
    }

    // The lowest power stands in the highest bit, so that one is that bit alone, and x to the eighth is eight bits below it.
    private static ulong PowerOfX(long bytes, ulong polynomial, int bits)
    {
        var power = 1UL << (bits - 1);
        var square = 1UL << (bits - 9);
        for (var rest = (ulong)bytes; rest != 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                power = Multiply(power, square, polynomial, bits);
            }

            square = Multiply(square, square, polynomial, bits);
        }

        return power;
    }

    private static ulong Multiply(ulong left, ulong right, ulong polynomial, int bits)
    {
        var product = 0UL;
        for (var bit = 1UL << (bits - 1); bit != 0 && left != 0; bit >>= 1)
        {
            if ((left & bit) != 0)
            {
                product ^= right;
                left &= ~bit;
            }

            right = (right & 1) != 0 ? (right >> 1) ^ polynomial : right >> 1;
        }

        return product;
    }
}
