namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// The messages of a queue that were received and are invisible, with the moment when they are visible again. Those whose
/// receive is not on disk yet are held: they have no such moment. One caller at a time.
/// </summary>
internal sealed class InFlight
{
    private const long Held = long.MaxValue;

    private readonly Dictionary<long, (long Until, string? Tenant)> _flights = [];
    private readonly Dictionary<string, int> _tenants = new(StringComparer.Ordinal);
    private readonly PriorityQueue<long, long> _ends = new();

    /// <summary>How many there are; <see cref="Expire"/> first.</summary>
    public int Count => _flights.Count;

    /// <summary>How many of them are held.</summary>
    public int CountHeld { get; private set; }

    /// <summary>How many a tenant has.</summary>
    public int CountOf(string? tenant) => tenant is null ? 0 : _tenants.GetValueOrDefault(tenant);

    /// <summary>Whether a message is among them.</summary>
    public bool Contains(long message) => _flights.ContainsKey(message);

    /// <summary>A message was taken; its receive is not on disk.</summary>
    public void Hold(long message, string? tenant) => Put(message, Held, tenant);

    /// <summary>The receive of a held message is on disk. One that was changed or deleted since is left as it is.</summary>
    public void Settle(long message, long until)
    {
        if (_flights.TryGetValue(message, out var flight) && flight.Until == Held)
        {
            Put(message, until, flight.Tenant);
        }
    }

    /// <summary>A message is invisible until a moment.</summary>
    public void Put(long message, long until, string? tenant)
    {
        Remove(message);
        _flights.Add(message, (until, tenant));
        if (tenant is not null)
        {
            _tenants[tenant] = CountOf(tenant) + 1;
        }

        if (until == Held)
        {
            CountHeld++;
        }
        else
        {
            _ends.Enqueue(message, until);
        }
    }

    /// <summary>The moment of a message changes, if it is among them.</summary>
    public void Move(long message, long until)
    {
        if (_flights.TryGetValue(message, out var flight))
        {
            Put(message, until, flight.Tenant);
        }
    }

    /// <summary>A message is gone, or visible.</summary>
    public void Remove(long message)
    {
        if (!_flights.Remove(message, out var flight))
        {
            return;
        }

        if (flight.Until == Held)
        {
            CountHeld--;
        }

        if (flight.Tenant is not { } tenant)
        {
            return;
        }

        if (CountOf(tenant) > 1)
        {
            _tenants[tenant]--;
        }
        else
        {
            _tenants.Remove(tenant);
        }
    }

    /// <summary>Lets go of those that are visible by now.</summary>
    public void Expire(long now)
    {
        while (_ends.TryPeek(out var message, out var end) && end <= now)
        {
            _ends.Dequeue();
            if (_flights.TryGetValue(message, out var flight) && flight.Until == end)
            {
                Remove(message);
            }
        }

        // Ends of what was deleted stay until their moment, which may be hours away.
        if (_ends.Count > (2 * _flights.Count) + 1024)
        {
            _ends.Clear();
            _ends.EnqueueRange(_flights.Where(static flight => flight.Value.Until != Held).Select(static flight => (flight.Key, flight.Value.Until)));
        }
    }
}
