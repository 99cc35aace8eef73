using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Replays;

/// <summary>Events of an archive that are sent to their bus once more, and how far that has come.</summary>
public sealed record Replay
{
    /// <summary>Which.</summary>
    public required ReplayKey Key { get; init; }

    /// <summary>Where the events are from.</summary>
    public required ArchiveKey Archive { get; init; }

    /// <summary>Where they go.</summary>
    public required BusKey Destination { get; init; }

    /// <summary>The rules that see them, by ARN; none: all.</summary>
    public IReadOnlyList<string> FilterArns { get; init; } = [];

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The first moment whose events are sent.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The first moment after it whose events are not.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>One of <see cref="ReplayStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is in its state.</summary>
    public string? StateReason { get; init; }

    /// <summary>The number in the archive of the event that was sent last, at <see cref="LastTime"/>.</summary>
    public long LastId { get; init; }

    /// <summary>The time of the event that was sent last.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }
}
