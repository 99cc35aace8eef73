using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects;

/// <summary>A part of an object that was uploaded in parts.</summary>
/// <param name="Number">As the uploader numbered it.</param>
/// <param name="Offset">Where it begins in the object.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Checksum">Its own checksum, when it has one.</param>
public sealed record ObjectPart(int Number, long Offset, long Size, Checksum? Checksum);
