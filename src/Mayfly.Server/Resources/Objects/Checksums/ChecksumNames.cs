namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>What S3 calls its checksums, and what can be done with each.</summary>
public static class ChecksumNames
{
    private static readonly (ChecksumAlgorithm Algorithm, string Name, int Length)[] All =
    [
        (ChecksumAlgorithm.Crc64Nvme, "CRC64NVME", 8),
        (ChecksumAlgorithm.Crc32, "CRC32", 4),
        (ChecksumAlgorithm.Crc32C, "CRC32C", 4),
        (ChecksumAlgorithm.Sha1, "SHA1", 20),
        (ChecksumAlgorithm.Sha256, "SHA256", 32),
        (ChecksumAlgorithm.Sha512, "SHA512", 64),
        (ChecksumAlgorithm.Md5, "MD5", 16),
        (ChecksumAlgorithm.XxHash64, "XXHASH64", 8),
        (ChecksumAlgorithm.XxHash3, "XXHASH3", 8),
        (ChecksumAlgorithm.XxHash128, "XXHASH128", 16),
    ];

    /// <summary>Every algorithm with its name, as in <c>x-amz-checksum-algorithm</c>; in lower case it ends the header's name.</summary>
    public static IEnumerable<(ChecksumAlgorithm Algorithm, string Name)> Names => All.Select(static one => (one.Algorithm, one.Name));

    /// <summary>The name.</summary>
    public static string NameOf(ChecksumAlgorithm algorithm) => Array.Find(All, one => one.Algorithm == algorithm).Name;

    /// <summary>The name of a type.</summary>
    public static string NameOf(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>Reads a name in any case.</summary>
    public static ChecksumAlgorithm? Parse(string name) => Array.Find(All, one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase)) is { Name: not null } found ? found.Algorithm : null;

    /// <summary>How many bytes it has.</summary>
    public static int LengthOf(ChecksumAlgorithm algorithm) => Array.Find(All, one => one.Algorithm == algorithm).Length;

    /// <summary>Whether that of a whole object follows from those of its parts.</summary>
    public static bool CanCombine(ChecksumAlgorithm algorithm) => algorithm is ChecksumAlgorithm.Crc64Nvme or ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C;

    /// <summary>Whether there is a checksum of the checksums of parts.</summary>
    public static bool CanCompose(ChecksumAlgorithm algorithm) => algorithm is not ChecksumAlgorithm.Crc64Nvme;

    /// <summary>The type that an upload has which names none.</summary>
    public static ChecksumType DefaultType(ChecksumAlgorithm algorithm) => CanCompose(algorithm) ? ChecksumType.Composite : ChecksumType.FullObject;
}
