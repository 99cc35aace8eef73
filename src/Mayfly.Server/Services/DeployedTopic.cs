using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>A topic of a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedTopic
{
    /// <summary>The topic's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its attributes, by the names of the SNS API.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
