using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>A part as who completes an upload names it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="ETag">Its ETag without quotes.</param>
/// <param name="Checksum">Its checksum, where one is named.</param>
public sealed record NamedPart(int Number, string ETag, Checksum? Checksum = null);
