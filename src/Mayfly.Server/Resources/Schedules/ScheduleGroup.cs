using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>A group of schedules: what tags are put on, and what is deleted together.</summary>
public sealed record ScheduleGroup
{
    /// <summary>Which.</summary>
    public required ScheduleGroupKey Key { get; init; }

    /// <summary>Its tags.</summary>
    public required ImmutableSortedDictionary<string, string> Tags { get; init; }

    /// <summary>What the request that made it calls itself, so that it can be sent again.</summary>
    public string? ClientToken { get; init; }

    /// <summary>The service that made it; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationDate { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModificationDate { get; init; }
}
