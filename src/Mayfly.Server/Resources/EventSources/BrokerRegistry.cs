using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>The one writer of brokers.</summary>
/// <param name="database">The open store.</param>
public sealed class BrokerRegistry(Database database) : Registry<BrokerSnapshot, BrokerChanges>(database, database.Read(MappingStore.Brokers))
{
    /// <inheritdoc />
    protected override BrokerSnapshot Write(SqlSession session, BrokerSnapshot before, BrokerChanges changes)
    {
        foreach (var key in changes.Remove)
        {
            MappingStore.Remove(session, key);
        }

        foreach (var broker in changes.Put)
        {
            MappingStore.Put(session, broker);
        }

        changes.Also?.Invoke(session);
        return before.Without(changes.Remove).With(changes.Put);
    }
}
