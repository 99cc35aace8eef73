using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Buses;

/// <summary>An event bus, as it was set up.</summary>
public sealed record EventBus
{
    /// <summary>Which.</summary>
    public required BusKey Key { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Who else may use it: a policy in JSON.</summary>
    public string? Policy { get; init; }

    /// <summary>The key that it is said to be encrypted with.</summary>
    public string? KmsKeyIdentifier { get; init; }

    /// <summary>The queue for what cannot be delivered.</summary>
    public string? DeadLetterArn { get; init; }

    /// <summary>The service that made it; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>Its tags.</summary>
    public required ImmutableSortedDictionary<string, string> Tags { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModifiedTime { get; init; }
}
