using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>Changes of brokers that become true together.</summary>
public sealed record BrokerChanges
{
    /// <summary>Brokers to write.</summary>
    public IReadOnlyList<Broker> Put { get; init; } = [];

    /// <summary>Brokers to remove.</summary>
    public IReadOnlyList<BrokerKey> Remove { get; init; } = [];

    /// <summary>What else is written in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
