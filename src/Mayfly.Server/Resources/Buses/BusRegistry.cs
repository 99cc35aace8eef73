using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The one writer of buses, rules and archives.</summary>
/// <param name="database">The open store.</param>
public sealed class BusRegistry(Database database) : Registry<BusSnapshot, BusChanges>(database, database.Read(BusStore.Load))
{
    /// <inheritdoc />
    protected override BusSnapshot Write(SqlSession session, BusSnapshot before, BusChanges changes)
    {
        foreach (var key in changes.RemoveRules)
        {
            BusStore.Remove(session, key);
        }

        foreach (var key in changes.RemoveBuses)
        {
            BusStore.Remove(session, key);
        }

        foreach (var key in changes.RemoveArchives)
        {
            ArchiveStore.Remove(session, key);
        }

        foreach (var bus in changes.PutBuses)
        {
            BusStore.Put(session, bus);
        }

        foreach (var rule in changes.PutRules)
        {
            BusStore.Put(session, rule);
        }

        foreach (var archive in changes.PutArchives)
        {
            ArchiveStore.Put(session, archive);
        }

        changes.Also?.Invoke(session);

        var after = before;
        foreach (var key in changes.RemoveRules)
        {
            after = after.Without(key);
        }

        foreach (var key in changes.RemoveBuses)
        {
            after = after.Without(key);
        }

        foreach (var key in changes.RemoveArchives)
        {
            after = after.Without(key);
        }

        return after.With(changes.PutBuses, changes.PutRules, changes.PutArchives);
    }
}
