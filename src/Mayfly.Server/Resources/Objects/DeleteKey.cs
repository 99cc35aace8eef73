namespace Mayfly.Server.Resources.Objects;

/// <summary>What to delete.</summary>
/// <param name="Key">Which object.</param>
/// <param name="VersionId">Which version for good; <see langword="null"/>: the object, as the bucket's versioning says.</param>
/// <param name="IfMatch">The ETag that the newest version must have, or <c>*</c>.</param>
public sealed record DeleteKey(string Key, string? VersionId = null, string? IfMatch = null);
