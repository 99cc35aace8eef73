using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services;

/// <summary>What a client asks the server to make true: a service's functions and routes, with the code already uploaded.</summary>
public sealed record ServiceDeployment
{
    /// <summary>The service's name.</summary>
    public required string Service { get; init; }

    /// <summary>The stage, for example <c>dev</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The region; <see langword="null"/> means the server's.</summary>
    public string? Region { get; init; }

    /// <summary>All layers of the service, published before its functions.</summary>
    public ImmutableArray<DeployedLayer> Layers { get => field.IsDefault ? [] : field; init; }

    /// <summary>All functions of the service. One that was deployed before and is not in this list is removed.</summary>
    public required ImmutableArray<DeployedFunction> Functions { get; init; }

    /// <summary>
    /// Functions that stay as they are where they are deployed, and stay away where they are not: a client names those whose
    /// build failed, so that their last good version serves on.
    /// </summary>
    public ImmutableArray<string> Keep { get; init; } = [];

    /// <summary>All HTTP routes of the service. One to a function of <see cref="Keep"/> that is not deployed is left out.</summary>
    public ImmutableArray<HttpRoute> Routes { get; init; } = [];

    /// <summary>All rules of the service. One to a function of <see cref="Keep"/> that is not deployed is left out.</summary>
    public ImmutableArray<DeployedRule> Rules { get => field.IsDefault ? [] : field; init; }

    /// <summary>All schedules of the service. One to a function of <see cref="Keep"/> that is not deployed is left out.</summary>
    public ImmutableArray<DeployedSchedule> Schedules { get => field.IsDefault ? [] : field; init; }

    /// <summary>The groups of schedules that the service declares.</summary>
    public ImmutableArray<DeployedScheduleGroup> ScheduleGroups { get => field.IsDefault ? [] : field; init; }

    /// <summary>The names of the event buses that the service declares.</summary>
    public ImmutableArray<string> Buses { get => field.IsDefault ? [] : field; init; }

    /// <summary>The buckets.</summary>
    public ImmutableArray<DeployedBucket> Buckets { get => field.IsDefault ? [] : field; init; }

    /// <summary>Who is told of changes of buckets' objects.</summary>
    public ImmutableArray<DeployedNotification> Notifications { get => field.IsDefault ? [] : field; init; }

    /// <summary>The queues.</summary>
    public ImmutableArray<DeployedQueue> Queues { get => field.IsDefault ? [] : field; init; }

    /// <summary>The topics.</summary>
    public ImmutableArray<DeployedTopic> Topics { get => field.IsDefault ? [] : field; init; }

    /// <summary>Who gets what is published to topics.</summary>
    public ImmutableArray<DeployedSubscription> Subscriptions { get => field.IsDefault ? [] : field; init; }

    /// <summary>The queues whose messages start functions.</summary>
    public ImmutableArray<DeployedMapping> Mappings { get => field.IsDefault ? [] : field; init; }

    /// <summary>The RabbitMQ brokers that events mean.</summary>
    public ImmutableArray<DeployedBroker> Brokers { get => field.IsDefault ? [] : field; init; }
}
