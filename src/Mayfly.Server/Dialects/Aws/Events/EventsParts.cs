using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Connections;
using Mayfly.Server.Resources.Replays;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>What the EventBridge API is the API of.</summary>
internal sealed record EventsParts
{
    /// <summary>The store.</summary>
    public required Database Database { get; init; }

    /// <summary>Buses, rules and archives.</summary>
    public required BusRegistry Buses { get; init; }

    /// <summary>What takes events.</summary>
    public required BusPublisher Publisher { get; init; }

    /// <summary>What fires rules.</summary>
    public required ScheduleLoop Schedules { get; init; }

    /// <summary>What sends events of archives once more.</summary>
    public required ArchiveReplayer Replayer { get; init; }

    /// <summary>Connections and API destinations.</summary>
    public required ConnectionRegistry Connections { get; init; }

    /// <summary>Whether there is something that serves targets of an ARN's kind.</summary>
    public required Func<string, bool> Serves { get; init; }

    /// <summary>What sends events to API destinations.</summary>
    public required ApiDestinationTarget ApiDestinations { get; init; }
}
