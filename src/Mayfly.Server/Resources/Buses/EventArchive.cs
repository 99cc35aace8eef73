namespace Mayfly.Server.Resources.Buses;

/// <summary>An archive: which events of a bus are kept, and for how long.</summary>
public sealed record EventArchive
{
    /// <summary>Which.</summary>
    public required ArchiveKey Key { get; init; }

    /// <summary>The bus whose events it keeps.</summary>
    public required BusKey Bus { get; init; }

    /// <summary>The events that it keeps; <see langword="null"/>: all.</summary>
    public string? EventPattern { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>For how many days an event is kept; 0: for ever.</summary>
    public int RetentionDays { get; init; }

    /// <summary>The key that it is said to be encrypted with.</summary>
    public string? KmsKeyIdentifier { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationTime { get; init; }
}
