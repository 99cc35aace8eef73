using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>A group of schedules in a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedScheduleGroup
{
    /// <summary>The group's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }
}
