using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects;

/// <summary>What a body turned out to be.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Md5">Its MD5.</param>
/// <param name="Checksum">The checksum that will be stored with it.</param>
/// <param name="Sums">Every checksum that was asked for, raw.</param>
public sealed record BodyDigests(long Length, ImmutableArray<byte> Md5, Checksum Checksum, ImmutableDictionary<ChecksumAlgorithm, ImmutableArray<byte>> Sums)
{
    /// <summary>The ETag without quotes.</summary>
    public string ETag => Convert.ToHexStringLower(Md5.AsSpan());
}
