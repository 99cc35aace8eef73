using Mayfly.Server.Resources.Objects.Blobs;

namespace Mayfly.Server.Resources.Objects;

/// <summary>A file of an object's content.</summary>
/// <param name="Offset">Where it begins in the object.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Blob">The file.</param>
internal readonly record struct ObjectSegment(long Offset, long Size, BlobId Blob);
