using System.IO.Hashing;
using System.Security.Cryptography;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>A checksum in the making.</summary>
internal sealed class RunningSum : IDisposable
{
    private readonly HashAlgorithmName? _name;
    private readonly NonCryptographicHashAlgorithm? _other;
    private IncrementalHash? _cryptographic;

    public RunningSum(ChecksumAlgorithm algorithm)
    {
        Algorithm = algorithm;
        _name = algorithm switch
        {
            ChecksumAlgorithm.Md5 => HashAlgorithmName.MD5,
            ChecksumAlgorithm.Sha1 => HashAlgorithmName.SHA1,
            ChecksumAlgorithm.Sha256 => HashAlgorithmName.SHA256,
            ChecksumAlgorithm.Sha512 => HashAlgorithmName.SHA512,
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
    public bool IsSlow => _name is not null;

    // Made when it is first needed: what is at hand as a whole needs none.
    private IncrementalHash? Cryptographic => _cryptographic ??= _name is { } name ? IncrementalHash.CreateHash(name) : null;

    /// <summary>The sum of bytes that are at hand.</summary>
    public static byte[] Of(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        switch (algorithm)
        {
            case ChecksumAlgorithm.Md5:
                return MD5.HashData(bytes);
            case ChecksumAlgorithm.Sha256:
                return SHA256.HashData(bytes);
            default:
                using (var sum = new RunningSum(algorithm))
                {
                    sum.Append(bytes);
                    return sum.Finish();
                }
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Cryptographic?.AppendData(bytes);
        _other?.Append(bytes);
    }

    /// <summary>The sum as S3 writes it: the highest byte first.</summary>
    public byte[] Finish()
    {
        if (Cryptographic is { } cryptographic)
        {
            return cryptographic.GetHashAndReset();
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
