using System.Collections.Immutable;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>All brokers at one moment. Immutable.</summary>
public sealed class BrokerSnapshot
{
    /// <summary>None.</summary>
    public static readonly BrokerSnapshot Empty = new(ImmutableDictionary<BrokerKey, Broker>.Empty);

    private BrokerSnapshot(ImmutableDictionary<BrokerKey, Broker> byKey) => ByKey = byKey;

    /// <summary>Every broker.</summary>
    public ImmutableDictionary<BrokerKey, Broker> ByKey { get; }

    /// <summary>A broker.</summary>
    public Broker? Find(in BrokerKey key) => ByKey.GetValueOrDefault(key);

    /// <summary>The broker that an ARN names, whatever its last part.</summary>
    public Broker? Find(string arn) => BrokerKey.TryParse(arn, out var key) ? Find(key) : null;

    /// <summary>With these in place of those of the same name.</summary>
    public BrokerSnapshot With(IEnumerable<Broker> brokers) => new(ByKey.SetItems(brokers.Select(static broker => KeyValuePair.Create(broker.Key, broker))));

    /// <summary>Without these.</summary>
    public BrokerSnapshot Without(IEnumerable<BrokerKey> keys) => new(ByKey.RemoveRange(keys));
}
