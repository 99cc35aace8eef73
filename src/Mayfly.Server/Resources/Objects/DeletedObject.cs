namespace Mayfly.Server.Resources.Objects;

/// <summary>How a deletion ended.</summary>
/// <param name="Key">Of which object.</param>
public sealed record DeletedObject(string Key)
{
    /// <summary>The version that was named.</summary>
    public string? VersionId { get; init; }

    /// <summary>Whether a delete marker was made, or was what was deleted.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>The id of that marker.</summary>
    public string? MarkerVersionId { get; init; }

    /// <summary>Why nothing was deleted; <see langword="null"/>: it was, or there was nothing.</summary>
    public ObjectException? Failure { get; init; }
}
