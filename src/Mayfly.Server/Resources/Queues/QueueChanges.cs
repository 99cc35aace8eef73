using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>Changes that become true together.</summary>
public sealed record QueueChanges
{
    /// <summary>Queues to put in place or replace; those that are there keep their messages.</summary>
    public IReadOnlyCollection<MessageQueue> Put { get; init; } = [];

    /// <summary>Queues to remove, with their messages.</summary>
    public IReadOnlyCollection<QueueKey> Remove { get; init; } = [];

    /// <summary>Queues whose messages go. Those that are not there are passed over.</summary>
    public IReadOnlyCollection<QueueKey> Purge { get; init; } = [];

    /// <summary>Other rows to write in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
