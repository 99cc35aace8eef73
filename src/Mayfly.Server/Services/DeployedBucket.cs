using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>A bucket of a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedBucket
{
    /// <summary>The bucket's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it keeps versions; <see langword="null"/> leaves that as it is.</summary>
    public bool? Versioned { get; init; }

    /// <summary>Whether the default event bus is told of every change; <see langword="null"/> leaves that as it is.</summary>
    public bool? EventBridge { get; init; }

    /// <summary>What pages of other origins may do: the <c>CorsRules</c> of CloudFormation, in JSON.</summary>
    public string? CorsRules { get; init; }

    /// <summary>What goes when: the <c>Rules</c> of CloudFormation's lifecycle configuration, in JSON.</summary>
    public string? LifecycleRules { get; init; }

    /// <summary>Tags.</summary>
    public ImmutableSortedDictionary<string, string>? Tags { get; init; }

    /// <summary>Whether it must be there already: nothing but the service's notifications is then set.</summary>
    public bool Existing { get; init; }
}
