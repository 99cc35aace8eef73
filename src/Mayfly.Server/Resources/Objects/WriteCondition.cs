namespace Mayfly.Server.Resources.Objects;

/// <summary>What must hold of the newest version when a write is committed. A delete marker counts as no object.</summary>
/// <param name="IfMatch">Its ETag without quotes, or <c>*</c>: any. Without an object the write ends with <see cref="ObjectFailure.NoSuchKey"/>.</param>
/// <param name="IfNoneMatch">Whether there must be none.</param>
public readonly record struct WriteCondition(string? IfMatch = null, bool IfNoneMatch = false);
