using System.Collections.Immutable;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services;

/// <summary>What is kept of a deployed service: its functions by name, and its routes.</summary>
public sealed record ServiceRecord
{
    /// <summary>The name, unique on this server.</summary>
    public required string Name { get; init; }

    /// <summary>The stage.</summary>
    public required string Stage { get; init; }

    /// <summary>The region its functions are in.</summary>
    public required string Region { get; init; }

    /// <summary>Deployed names of its functions, in the order of the manifest.</summary>
    public required ImmutableArray<string> Functions { get; init; }

    /// <summary>Its HTTP routes.</summary>
    public ImmutableArray<HttpRoute> Routes { get; init; } = [];

    /// <summary>The layer versions that it published.</summary>
    public ImmutableArray<ServiceLayer> Layers { get => field.IsDefault ? [] : field; init; }

    /// <summary>When it was last applied.</summary>
    public required DateTimeOffset DeployedAt { get; init; }
}
