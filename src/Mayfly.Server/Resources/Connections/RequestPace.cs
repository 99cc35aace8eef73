namespace Mayfly.Server.Resources.Connections;

/// <summary>Keeps the requests of every second within a limit: each gets a moment of its own, at once while the second has room.</summary>
/// <param name="limit">Most requests of a second.</param>
internal sealed class RequestPace(int limit)
{
    private const int MostPromised = 100_000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _taken = [];
    private readonly Dictionary<string, DateTimeOffset> _promised = new(StringComparer.Ordinal);

    /// <summary>Most requests of a second.</summary>
    public int Limit => limit;

    /// <summary>Asks for a moment.</summary>
    /// <param name="id">Whose: when it comes back at its moment it is let go.</param>
    /// <param name="now">The time.</param>
    /// <returns><see langword="null"/>: now; else when to come back.</returns>
    public DateTimeOffset? Take(string id, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_promised.TryGetValue(id, out var promised))
            {
                if (promised > now)
                {
                    return promised;
                }

                _promised.Remove(id);
                return null;
            }

            // The moment of the request that is as many before as a second may have, and a second on.
            var moment = _taken.Count == limit && _taken.Dequeue() + Window is var free && free > now ? free : now;
            _taken.Enqueue(moment);
            if (moment == now)
            {
                return null;
            }

            if (_promised.Count >= MostPromised)
            {
                _promised.Clear();
            }

            _promised[id] = moment;
            return moment;
        }
    }
}
