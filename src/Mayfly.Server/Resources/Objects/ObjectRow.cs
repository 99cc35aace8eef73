using Mayfly.Server.Resources.Objects.Blobs;

namespace Mayfly.Server.Resources.Objects;

/// <summary>A version as it is stored: what is known of it, and where its content is.</summary>
/// <param name="Version">What is known.</param>
/// <param name="Blob">Its one file.</param>
/// <param name="Segments">How many files it has besides, each with a row of its own.</param>
/// <param name="Content">Its content, where that is small and was asked for.</param>
internal sealed record ObjectRow(ObjectVersion Version, BlobId? Blob, int Segments, byte[]? Content);
