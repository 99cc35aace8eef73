using System.IO.Hashing;
using System.Security.Cryptography;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>A checksum in the making.</summary>
internal sealed class RunningSum : IDisposable
{
    private readonly IncrementalHash? _cryptographic;
    private readonly NonCryptographicHashAlgorithm? _other;

    public RunningSum(ChecksumAlgorithm algorithm)
    {
        Algorithm = algorithm;
        _cryptographic = algorithm switch
        {
            ChecksumAlgorithm.Md5 => IncrementalHash.CreateHash(HashAlgorithmName.MD5),
            ChecksumAlgorithm.Sha1 => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            ChecksumAlgorithm.Sha256 => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            ChecksumAlgorithm.Sha512 => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
            _ => null,
        };
        _other = algorithm switch
        {
            ChecksumAlgorithm.Crc64Nvme => new Crc64Nvme(),
            ChecksumAlgorithm.Crc32 => new Crc32(),
            ChecksumAlgorithm.Crc32C => new Crc32C(),
            ChecksumAlgorithm.XxHash64 => new XxHash64(),
            ChecksumAlgorithm.XxHash3 => new XxHash3(),
            ChecksumAlgorithm.XxHash128 => new XxHash128(),
            _ => null,
        };
    }

    public ChecksumAlgorithm Algorithm { get; }

    /// <summary>Whether it takes so long that it is worth another core.</summary>
    public bool IsSlow => _cryptographic is not null;

    /// <summary>The sum of bytes that are at hand.</summary>
    public static byte[] Of(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        using var sum = new RunningSum(algorithm);
        sum.Append(bytes);
        return sum.Finish();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _cryptographic?.AppendData(bytes);
        _other?.Append(bytes);
    }

    /// <summary>The sum as S3 writes it: the highest byte first.</summary>
    public byte[] Finish()
    {
        if (_cryptographic is not null)
        {
            return _cryptographic.GetHashAndReset();
        }

        var sum = _other!.GetHashAndReset();
        if (Algorithm == ChecksumAlgorithm.Crc32)
        {
            // The library writes this one the other way round.
            sum.AsSpan().Reverse();
        }

        return sum;
    }

    public void Dispose() => _cryptographic?.Dispose();
}
