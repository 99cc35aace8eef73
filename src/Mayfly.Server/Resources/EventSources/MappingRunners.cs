using System.Collections.Concurrent;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// Keeps one <see cref="MappingRunner"/> for each mapping that is enabled, and carries out changes: what a mapping has begun ends under its
/// old settings, then it goes on under the new ones. How far that is, is the mapping's state.
/// </summary>
public sealed class MappingRunners
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly MappingRegistry _mappings;
    private readonly BrokerRegistry _brokers;
    private readonly QueueRegistry _queues;
    private readonly QueueEngine _engine;
    private readonly MappingServices _services;
    private bool _started;
    private bool _stopped;

    /// <summary>Makes it; nothing is read before <see cref="Start"/>.</summary>
    /// <param name="mappings">The mappings.</param>
    /// <param name="brokers">The brokers.</param>
    /// <param name="queues">The queues.</param>
    /// <param name="engine">What is done with messages of queues.</param>
    /// <param name="services">What mappings run on.</param>
    public MappingRunners(MappingRegistry mappings, BrokerRegistry brokers, QueueRegistry queues, QueueEngine engine, MappingServices services)
    {
        (_mappings, _brokers, _queues, _engine, _services) = (mappings, brokers, queues, engine, services);
        mappings.Changed += _ => Follow(isNew: true);
        brokers.Changed += _ => Follow(isNew: true);
    }

    /// <summary>Begins to read, for all mappings that are enabled.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _started = true;
            Follow(isNew: false);
        }
    }

    /// <summary>A mapping with its state; also one that is being removed.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    public MappingStatus? Find(string uuid) => _entries.TryGetValue(uuid, out var entry) ? entry.Status : null;

    /// <summary>Takes no more messages. Those that were gathered and not yet handed to a function are given back.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        return Task.WhenAll(_entries.Values.Select(static entry => entry.Runner?.StopAsync() ?? Task.CompletedTask));
    }

    /// <summary>Waits until the sources have heard of the ends of all batches, and lets go of them.</summary>
    /// <param name="limit">For how long at most. Sources that have not heard bring the messages again.</param>
    public async Task DrainAsync(TimeSpan limit) =>
        await Task.WhenAll(_entries.Values.Select(static entry => entry.Runner?.DrainAsync() ?? Task.CompletedTask))
            .WaitAsync(limit, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // Called with each change, in the order of the changes of one registry. What there was when the server started is not new.
    private void Follow(bool isNew)
    {
        lock (_gate)
        {
            if (!_started || _stopped)
            {
                return;
            }

            var current = _mappings.Current;
            foreach (var mapping in current.All)
            {
                var wanted = new Wanted(mapping, mapping.IsBroker ? _brokers.Current.Find(mapping.SourceArn)?.Url : null);
                var entry = _entries.GetOrAdd(mapping.Uuid, static _ => new());
                if (entry.Wanted != wanted)
                {
                    entry.Want(wanted, mapping);
                    if (!isNew)
                    {
                        entry.Settle();
                    }

                    entry.Work = CarryOutAsync(entry, entry.Work);
                }
            }

            foreach (var entry in _entries.Values.Where(entry => entry.Wanted is { } wanted && current.Find(wanted.Mapping.Uuid) is null))
            {
                entry.Want(null, entry.Status.Mapping);
                entry.Work = CarryOutAsync(entry, entry.Work);
            }
        }
    }

    // One after the other for one mapping; what was overtaken by a newer change is skipped.
    private async Task CarryOutAsync(Entry entry, Task before)
    {
        await before;
        await Task.Yield();
        var wanted = entry.Wanted;
        if (entry.Runner is { } runner && (wanted is null || entry.Carried!.Url != wanted.Url || !MappingState.Reads(entry.Carried.Mapping, wanted.Mapping)))
        {
            await runner.StopAsync();
            await runner.DrainAsync();
            entry.Runner = null;
        }

        lock (_gate)
        {
            if (entry.Wanted != wanted)
            {
                return;
            }

            entry.Carried = wanted;
            if (wanted is null)
            {
                _entries.TryRemove(KeyValuePair.Create(entry.Status.Mapping.Uuid, entry));
                return;
            }

            if (wanted.Mapping.Enabled && !_stopped)
            {
                entry.Runner ??= new(wanted.Mapping, stopping => Open(wanted.Mapping, stopping), _services);
            }

            entry.Settle();
        }
    }

    private IMessageSource Open(EventSourceMapping mapping, CancellationToken stopping)
    {
        if (mapping.IsBroker)
        {
            return new RabbitSource(mapping, () => _brokers.Current.Find(mapping.SourceArn), _services.Time, stopping);
        }

        var key = mapping.Function.Key;
        return new QueueSource(mapping, _queues, _engine, _services)
        {
            IsLoop = trace => Lineage.CountOf(trace, key) >= Lineage.Most && _services.Table.Current.Functions.GetValueOrDefault(key)?.RecursiveLoop is not Function.AllowLoop,
        };
    }

    private sealed record Wanted(EventSourceMapping Mapping, string? Url);

    private sealed class Entry
    {
        private EventSourceMapping? _mapping;
        private string _state = MappingState.Creating;

        public Wanted? Wanted { get; private set; }

        public Wanted? Carried { get; set; }

        public MappingRunner? Runner { get; set; }

        public Task Work { get; set; } = Task.CompletedTask;

        public MappingStatus Status => new(_mapping!, _state, Runner?.LastResult);

        public void Want(Wanted? wanted, EventSourceMapping mapping)
        {
            var state = MappingState.Between(Wanted?.Mapping, wanted?.Mapping);
            (_mapping, Wanted, _state) = (mapping, wanted, state);
        }

        public void Settle() => _state = MappingState.Settled(_mapping!);
    }
}
