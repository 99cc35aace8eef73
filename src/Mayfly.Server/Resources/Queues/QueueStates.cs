using System.Collections.Concurrent;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What is known in memory of each queue's messages, by generation. From any thread.</summary>
internal sealed class QueueStates
{
    private readonly ConcurrentDictionary<long, QueueState> _states = new();
    private QueueSnapshot _known;

    /// <summary>Reads what the store says of the queues that there are: nothing may have been sent since it was opened.</summary>
    public QueueStates(Database database, QueueRegistry registry, long now)
    {
        _known = registry.Current;
        foreach (var queue in _known.ByKey.Values)
        {
            database.Read(session =>
            {
                var state = Of(queue.Id);
                state.Add(MessageStore.Count(session, queue.Id));
                if (queue.Key.IsFifo)
                {
                    foreach (var (id, visible) in LineStore.InFlight(session, queue.Id, now))
                    {
                        state.Fly(id, visible);
                    }
                }
                else
                {
                    foreach (var (id, visible, tenant) in MessageStore.InFlight(session, queue.Id, now))
                    {
                        state.Fly(id, visible, tenant);
                    }
                }

                return state;
            });
        }

        registry.Changed += Follow;
    }

    /// <summary>That of a generation; of a new one, nothing.</summary>
    public QueueState Of(long generation) => _states.GetOrAdd(generation, static id => new(id));

    // Those that wait for messages of a queue that went find that out; and a change may make messages visible.
    private void Follow(QueueSnapshot queues)
    {
        foreach (var queue in queues.ByKey.Values.Where(queue => !ReferenceEquals(queue, _known.Find(queue.Key))))
        {
            Of(queue.Id).Look(int.MaxValue);
        }

        _known = queues;
        var ids = queues.ByKey.Values.Select(static queue => queue.Id).ToHashSet();
        foreach (var id in _states.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            if (_states.TryRemove(id, out var state))
            {
                state.End();
            }
        }
    }
}
