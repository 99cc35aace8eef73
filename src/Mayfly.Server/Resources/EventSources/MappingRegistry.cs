using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>The one writer of event source mappings.</summary>
/// <param name="database">The open store.</param>
public sealed class MappingRegistry(Database database) : Registry<MappingSnapshot, MappingChanges>(database, database.Read(MappingStore.Mappings))
{
    /// <inheritdoc />
    protected override MappingSnapshot Write(SqlSession session, MappingSnapshot before, MappingChanges changes)
    {
        foreach (var uuid in changes.Remove)
        {
            MappingStore.Remove(session, uuid);
        }

        foreach (var mapping in changes.Put)
        {
            MappingStore.Put(session, mapping);
        }

        changes.Also?.Invoke(session);
        return before.Without(changes.Remove).With(changes.Put);
    }
}
