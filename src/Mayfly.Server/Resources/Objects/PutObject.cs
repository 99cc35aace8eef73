using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects;

/// <summary>An object to write.</summary>
public sealed record PutObject
{
    /// <summary>Into which bucket.</summary>
    public required Bucket Bucket { get; init; }

    /// <summary>Under which key.</summary>
    public required string Key { get; init; }

    /// <summary>Who writes.</summary>
    public required ObjectCaller Caller { get; init; }

    /// <summary>What it is called in the event.</summary>
    public string EventName { get; init; } = "ObjectCreated:Put";

    /// <summary>What must hold.</summary>
    public WriteCondition Condition { get; init; }

    /// <inheritdoc cref="ObjectVersion.Headers" />
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <inheritdoc cref="ObjectVersion.Tags" />
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <inheritdoc cref="ObjectVersion.Documents" />
    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
