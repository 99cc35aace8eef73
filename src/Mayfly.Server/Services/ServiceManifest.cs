using System.Collections.Immutable;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services;

/// <summary>A service as its manifest declares it, whatever language the manifest is in, with every variable resolved.</summary>
public sealed record ServiceManifest
{
    /// <summary>The service's name.</summary>
    public required string Name { get; init; }

    /// <summary>The stage; <c>dev</c> unless named.</summary>
    public required string Stage { get; init; }

    /// <summary>The region; <see langword="null"/> means the server's.</summary>
    public string? Region { get; init; }

    /// <summary>The folder that paths are relative to, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>The manifest file, absolute; <see langword="null"/> when the service was found without one.</summary>
    public string? File { get; init; }

    /// <summary>The layers, in the order of the manifest.</summary>
    public ImmutableArray<LayerDefinition> Layers { get; init; } = [];

    /// <summary>The functions, in the order of the manifest.</summary>
    public required ImmutableArray<FunctionDefinition> Functions { get; init; }

    /// <summary>The HTTP routes, in the order of the manifest.</summary>
    public ImmutableArray<HttpRoute> Routes { get; init; } = [];

    /// <summary>The rules that start functions at times or for events, in the order of the manifest.</summary>
    public ImmutableArray<DeployedRule> Rules { get; init; } = [];

    /// <summary>The schedules that start functions at times, in the order of the manifest.</summary>
    public ImmutableArray<DeployedSchedule> Schedules { get; init; } = [];

    /// <summary>The groups of schedules.</summary>
    public ImmutableArray<DeployedScheduleGroup> ScheduleGroups { get; init; } = [];

    /// <summary>The names of the event buses.</summary>
    public ImmutableArray<string> Buses { get; init; } = [];

    /// <summary>The buckets.</summary>
    public ImmutableArray<DeployedBucket> Buckets { get; init; } = [];

    /// <summary>Who is told of changes of buckets' objects.</summary>
    public ImmutableArray<DeployedNotification> Notifications { get; init; } = [];

    /// <summary>The queues.</summary>
    public ImmutableArray<DeployedQueue> Queues { get; init; } = [];

    /// <summary>The topics.</summary>
    public ImmutableArray<DeployedTopic> Topics { get; init; } = [];

    /// <summary>Who gets what is published to topics.</summary>
    public ImmutableArray<DeployedSubscription> Subscriptions { get; init; } = [];

    /// <summary>The queues whose messages start functions.</summary>
    public ImmutableArray<DeployedMapping> Mappings { get; init; } = [];

    /// <summary>The RabbitMQ brokers that events mean.</summary>
    public ImmutableArray<DeployedBroker> Brokers { get; init; } = [];

    /// <summary>What was read and kept but has no engine yet: said to the user, never dropped silently.</summary>
    public ImmutableArray<ManifestNotice> Notices { get; init; } = [];

    /// <summary>What was read and kept for engines that do not exist yet: events, resources, plugins.</summary>
    public ImmutableArray<InactivePart> Inactive { get; init; } = [];

    /// <summary>Every file that was read or looked for, absolute: a change of one is a reason to read again.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
}
