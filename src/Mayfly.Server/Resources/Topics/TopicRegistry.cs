using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The one writer of topics and subscriptions.</summary>
/// <param name="database">The open store.</param>
public sealed class TopicRegistry(Database database) : Registry<TopicSnapshot, TopicChanges>(database, database.Read(TopicStore.Load))
{
    /// <inheritdoc />
    protected override TopicSnapshot Write(SqlSession session, TopicSnapshot before, TopicChanges changes)
    {
        TopicStore.Write(session, changes);
        return before.With(changes);
    }
}
