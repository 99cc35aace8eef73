using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>A part that was uploaded.</summary>
/// <param name="Number">1 to 10,000.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="LastModified">When it was uploaded.</param>
/// <param name="Checksum">Its checksum.</param>
public sealed record UploadPart(int Number, string ETag, long Size, DateTimeOffset LastModified, Checksum Checksum);
