using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>The parked stems of all kinds that a server wants.</summary>
internal sealed class StemPools(BubblewrapLauncher? launcher, LaunchTools tools, TimeProvider time)
{
    private const int MostParked = 256;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StemPool> _pools = new(StringComparer.Ordinal);
    private bool _closed;

    /// <summary>Follows what the server wants now.</summary>
    /// <param name="orders">All of it.</param>
    /// <param name="changed">Is told whenever a number changes.</param>
    internal void Apply(IReadOnlyList<StemOrder> orders, Action<StemCountMessage> changed)
    {
        List<StemPool> gone = [];
        lock (_gate)
        {
            if (_closed || launcher is null)
            {
                return;
            }

            var wanted = orders.DistinctBy(static order => order.Name).ToDictionary(static order => order.Name, StringComparer.Ordinal);
            foreach (var name in _pools.Keys.Except(wanted.Keys).ToList())
            {
                _pools.Remove(name, out var pool);
                gone.Add(pool!);
            }

            foreach (var order in wanted.Values.Select(static order => order with { Parked = Math.Clamp(order.Parked, 0, MostParked) }))
            {
                if (_pools.TryGetValue(order.Name, out var pool))
                {
                    pool.Want(order);
                }
                else
                {
                    IStemMaker maker = order.Zygote is null ? new ExecStems(order, launcher, tools) : new ForkedStems(order, launcher, tools);
                    _pools[order.Name] = new(order, maker, changed, time);
                }
            }
        }

        gone.ForEach(static pool => _ = pool.CloseAsync());
    }

    /// <summary>Takes a stem; <see langword="null"/> when there is none of this kind to be had quickly.</summary>
    internal Task<Stem?> TakeAsync(string name, out bool wasParked)
    {
        wasParked = false;
        lock (_gate)
        {
            return _pools.TryGetValue(name, out var pool) ? pool.TakeAsync(out wasParked) : Task.FromResult<Stem?>(null);
        }
    }

    /// <summary>Ends all; nothing of them is left when the task completes.</summary>
    internal Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            return Task.WhenAll(_pools.Values.Select(static pool => pool.CloseAsync()));
        }
    }
}
