using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>A part as it is stored.</summary>
/// <param name="Part">What is shown of it.</param>
/// <param name="Sum">The raw checksum that the object's is made of.</param>
internal sealed record StoredPart(UploadPart Part, ImmutableArray<byte> Sum);
