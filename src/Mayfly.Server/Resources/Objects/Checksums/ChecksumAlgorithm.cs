namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>The checksums that S3 knows.</summary>
public enum ChecksumAlgorithm
{
    /// <summary>CRC64NVME, which is stored when the writer names none.</summary>
    Crc64Nvme,

    /// <summary>CRC32.</summary>
    Crc32,

    /// <summary>CRC32C.</summary>
    Crc32C,

    /// <summary>SHA-1.</summary>
    Sha1,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,

    /// <summary>MD5.</summary>
    Md5,

    /// <summary>XXH64.</summary>
    XxHash64,

    /// <summary>XXH3.</summary>
    XxHash3,

    /// <summary>XXH128.</summary>
    XxHash128,
}
