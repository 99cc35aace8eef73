using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Sandboxes;

/// <summary>The stems that sandboxd is asked to keep parked: of each kind that a deployed function can use, as many as starts have asked for lately.</summary>
public sealed class StemStock : IDisposable
{
    // A start is not slowed down by what it lets be made for the next.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StemCountMessage> _counts = new(StringComparer.Ordinal);
    private readonly Action<StemsMessage> _send;
    private readonly StemPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ImmutableHashSet<string> _expected = [];
    private string _sent = "";

    private sealed class Kind(StemOrder order)
    {
        internal StemOrder Order { get; } = order;

        internal Queue<(long Second, int Starts)> Starts { get; } = new();

        internal int Now { get; set; }
    }

    /// <summary>Makes a stock.</summary>
    /// <param name="send">Tells sandboxd.</param>
    /// <param name="policy">How many.</param>
    /// <param name="time">The clock.</param>
    public StemStock(Action<StemsMessage> send, StemPolicy policy, TimeProvider time)
    {
        (_send, _policy, _time) = (send, policy, time);
        _timer = time.CreateTimer(static stock => ((StemStock)stock!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What sandboxd has said last about each kind.</summary>
    public IReadOnlyCollection<StemCountMessage> Counts => [.. _counts.Values];

    /// <summary>How many of a kind are wanted now.</summary>
    public int WantedOf(string name)
    {
        lock (_gate)
        {
            return _kinds.TryGetValue(name, out var kind) ? Decide(kind) : 0;
        }
    }

    /// <summary>Sets the kinds that deployed functions can use; others go.</summary>
    public void Expect(IReadOnlyCollection<StemOrder> orders)
    {
        lock (_gate)
        {
            _expected = [.. orders.Select(static order => order.Name)];
            foreach (var order in orders)
            {
                _kinds.TryAdd(order.Name, new(order));
            }
        }

        _timer.Change(Delay, Period);
    }

    /// <summary>An instance starts that can be made of a kind.</summary>
    public void Use(StemOrder order)
    {
        lock (_gate)
        {
            if (!_kinds.TryGetValue(order.Name, out var kind))
            {
                _kinds[order.Name] = kind = new(order);
                _timer.Change(Delay, Period);
            }

            kind.Now++;
        }
    }

    /// <summary>sandboxd is there again and knows nothing.</summary>
    internal void OnConnected()
    {
        lock (_gate)
        {
            _sent = "";
            _counts.Clear();
            if (_kinds.Count > 0)
            {
                _timer.Change(Delay, Period);
            }
        }
    }

    /// <summary>sandboxd says how many there are.</summary>
    internal void OnCount(StemCountMessage count) => _counts[count.Name] = count;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        StemsMessage message;
        lock (_gate)
        {
            var second = _time.GetTimestamp() / _time.TimestampFrequency;
            var oldest = second - (long)StemPolicy.Memory.TotalSeconds;
            foreach (var (name, kind) in _kinds.ToList())
            {
                if (kind.Now > 0)
                {
                    kind.Starts.Enqueue((second, kind.Now));
                    kind.Now = 0;
                }

                while (kind.Starts.TryPeek(out var first) && first.Second < oldest)
                {
                    kind.Starts.Dequeue();
                }

                if (kind.Starts.Count == 0 && !_expected.Contains(name))
                {
                    _kinds.Remove(name);
                    _counts.TryRemove(name, out _);
                }
            }

            message = new([.. _kinds.Values.Select(kind => kind.Order with { Parked = Decide(kind) })]);
            var text = string.Join('\n', message.Orders.Select(static order => $"{order.Name} {order.Parked}").Order(StringComparer.Ordinal));
            if (text == _sent)
            {
                return;
            }

            _sent = text;
        }

        _send(message);
    }

    private int Decide(Kind kind) => _policy.Decide(kind.Starts.Count == 0 ? 0 : kind.Starts.Max(static one => one.Starts), kind.Order.Zygote is not null, _kinds.Count);
}
