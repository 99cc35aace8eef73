namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>What a checksum is about.</summary>
public enum ChecksumType
{
    /// <summary>All bytes of the object.</summary>
    FullObject,

    /// <summary>The checksums of its parts.</summary>
    Composite,
}
