using System.Collections.Immutable;

namespace Mayfly.Server.Dialects.Native;

/// <summary>A service as the admin API shows it.</summary>
public sealed record ServiceReply
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The stage.</summary>
    public required string Stage { get; init; }

    /// <summary>The region.</summary>
    public required string Region { get; init; }

    /// <summary>When it was last deployed.</summary>
    public required DateTimeOffset DeployedAt { get; init; }

    /// <summary>Its functions, in the order of the manifest.</summary>
    public required ImmutableArray<FunctionReply> Functions { get; init; }

    /// <summary>Its routes, in the order of the manifest.</summary>
    public required ImmutableArray<RouteReply> Routes { get; init; }

    /// <summary>What goes with it for good when it is removed, each for a person: buckets, queues, topics. Told of one service alone.</summary>
    public ImmutableArray<string> Holds { get => field.IsDefault ? [] : field; init; }
}
