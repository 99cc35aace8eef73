using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Queues;

/// <summary>All queues at one moment. Immutable.</summary>
public sealed class QueueSnapshot
{
    /// <summary>No queue at all.</summary>
    public static readonly QueueSnapshot Empty = new(ImmutableDictionary<QueueKey, MessageQueue>.Empty);

    private QueueSnapshot(ImmutableDictionary<QueueKey, MessageQueue> byKey) => ByKey = byKey;

    /// <summary>Every queue.</summary>
    public ImmutableDictionary<QueueKey, MessageQueue> ByKey { get; }

    /// <summary>A queue.</summary>
    public MessageQueue? Find(in QueueKey key) => ByKey.GetValueOrDefault(key);

    /// <summary>The queues of an account in a region, by name.</summary>
    /// <param name="account">Twelve digits.</param>
    /// <param name="region">For example <c>us-east-1</c>.</param>
    /// <param name="prefix">How their names begin.</param>
    public IEnumerable<MessageQueue> List(string account, string region, string prefix = "") => ByKey.Values
        .Where(queue => queue.Key.Account == account && queue.Key.Region == region && queue.Key.Name.StartsWith(prefix, StringComparison.Ordinal))
        .OrderBy(static queue => queue.Key.Name, StringComparer.Ordinal);

    /// <summary>The queues whose dead letters go to a queue, by name.</summary>
    public IEnumerable<MessageQueue> SourcesOf(QueueKey deadLetters) => ByKey.Values
        .Where(queue => queue.RedrivePolicy?.Target == deadLetters)
        .OrderBy(static queue => queue.Key.Name, StringComparer.Ordinal);

    /// <summary>With these in place of those of the same name.</summary>
    public QueueSnapshot With(IEnumerable<MessageQueue> queues) => new(ByKey.SetItems(queues.Select(static queue => KeyValuePair.Create(queue.Key, queue))));

    /// <summary>Without these.</summary>
    public QueueSnapshot Without(IEnumerable<QueueKey> keys) => new(ByKey.RemoveRange(keys));
}
