using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// What is known in memory of a generation of a queue's messages: how many there are, which are next, which are in flight,
/// who waits for one. Nothing that a restart may not forget. From any thread.
/// </summary>
/// <param name="id">The generation.</param>
internal sealed class QueueState(long id)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<DueSignal> _waiters = [];
    private readonly ReadyWindow _window = new();
    private readonly InFlight _flights = new();

    // Whether the store may have messages that can be received and are not in the window; and when it has at the earliest.
    private bool _stale = true;
    private long _due = long.MaxValue;
    private long _total;

    /// <summary>The generation.</summary>
    public long Id => id;

    /// <summary>Who looks into the store has this: one at a time.</summary>
    public Lock Looking { get; } = new();

    /// <summary>The tenant that was looked for last. For who has <see cref="Looking"/>.</summary>
    public string LastTenant { get; set; } = "";

    /// <summary>FIFO: what receives with an attempt id got.</summary>
    public ReceiveAttempts Attempts { get; } = new();

    /// <summary>How many messages there are.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>When something may become visible, in milliseconds since 1970.</summary>
    public long Due
    {
        get
        {
            lock (_gate)
            {
                return _stale ? 0 : _due;
            }
        }
    }

    /// <summary>Messages came, or went.</summary>
    public void Add(long count) => Interlocked.Add(ref _total, count);

    /// <summary>How many messages are in flight.</summary>
    public int CountInFlight(long now)
    {
        lock (_gate)
        {
            _flights.Expire(now);
            return _flights.Count;
        }
    }

    /// <summary>How many messages were taken whose receive is not on disk yet.</summary>
    public int CountHeld
    {
        get
        {
            lock (_gate)
            {
                return _flights.CountHeld;
            }
        }
    }

    /// <summary>Whether the window has anything.</summary>
    public bool HasReady
    {
        get
        {
            lock (_gate)
            {
                return _window.Count > 0;
            }
        }
    }

    /// <summary>Takes messages of the window and holds them.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="mostInFlight">No more than so many are in flight.</param>
    /// <param name="now">The time, in milliseconds since 1970.</param>
    public List<ReadyMessage> Take(int most, int mostInFlight, long now)
    {
        var taken = new List<ReadyMessage>(most);
        lock (_gate)
        {
            _flights.Expire(now);
            while (taken.Count < most && _flights.Count < mostInFlight && _window.TryTake(_flights, out var message))
            {
                // It may have been looked up before it went.
                if (!_flights.Contains(message.Id))
                {
                    _flights.Hold(message.Id, message.Tenant);
                    taken.Add(message);
                }
            }
        }

        return taken;
    }

    /// <summary>Whether it is worth looking into the store. If so, the look begins.</summary>
    public bool BeginLook(long now)
    {
        lock (_gate)
        {
            if (!_stale && now < _due)
            {
                return false;
            }

            (_stale, _due) = (false, long.MaxValue);
            return true;
        }
    }

    /// <summary>A look ends. What happened since it began counts beside what it found.</summary>
    /// <param name="found">What can be received.</param>
    /// <param name="more">Whether there is more.</param>
    /// <param name="due">When something becomes visible that is not.</param>
    /// <param name="now">The time when it began.</param>
    /// <returns>Whether the window has anything.</returns>
    public bool EndLook(IEnumerable<ReadyMessage> found, bool more, long due, long now)
    {
        lock (_gate)
        {
            _flights.Expire(now);
            foreach (var message in found)
            {
                more |= !_flights.Contains(message.Id) && !_window.Offer(message);
            }

            _stale |= more;
            SetDue(due);
            return _window.Count > 0;
        }
    }

    /// <summary>Whether a tenant among those in flight has so much of it that others go first.</summary>
    public bool IsNoisy(string tenant)
    {
        lock (_gate)
        {
            return FairShare.IsNoisy(_flights.CountOf(tenant), _flights.Count);
        }
    }

    /// <summary>Receives are on disk: from now on the messages are invisible until a moment.</summary>
    public void Settle(IEnumerable<long> messages, long until)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                _flights.Settle(message, until);
            }

            SetDue(until);
        }
    }

    /// <summary>A message is in flight until a moment.</summary>
    public void Fly(long message, long until, string? tenant = null)
    {
        lock (_gate)
        {
            _flights.Put(message, until, tenant);
            SetDue(until);
        }
    }

    /// <summary>A message that is in flight is so until another moment.</summary>
    public void Move(long message, long until, long now)
    {
        lock (_gate)
        {
            if (until > now)
            {
                _flights.Move(message, until);
                SetDue(until);
            }
            else
            {
                _flights.Remove(message);
                SetStale(1);
            }
        }
    }

    /// <summary>Messages are in flight no more: they are gone, or could not be received.</summary>
    public void Release(IEnumerable<long> messages)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                _flights.Remove(message);
            }
        }
    }

    /// <summary>A new message is durable and can be received.</summary>
    public void Arrive(in ReadyMessage message)
    {
        lock (_gate)
        {
            if (_window.Offer(message))
            {
                Wake(1);
            }
            else
            {
                SetStale(1);
            }
        }
    }

    /// <summary>Something in the store becomes visible at a moment.</summary>
    public void SetDueAt(long at)
    {
        lock (_gate)
        {
            SetDue(at);
        }
    }

    /// <summary>The store may have messages that can be received.</summary>
    public void Look(int waiters)
    {
        lock (_gate)
        {
            SetStale(waiters);
        }
    }

    /// <summary>A caller waits from now on.</summary>
    public LinkedListNode<DueSignal> Wait(DueSignal signal)
    {
        lock (_gate)
        {
            return _waiters.AddLast(signal);
        }
    }

    /// <summary>A caller has what it wants, or gave up. What it leaves is for the next one.</summary>
    /// <param name="waiter">Its place among those that wait.</param>
    public void Leave(LinkedListNode<DueSignal>? waiter)
    {
        lock (_gate)
        {
            if (waiter is not null)
            {
                _waiters.Remove(waiter);
            }

            if (_stale || _window.Count > 0)
            {
                Wake(1);
            }
        }
    }

    /// <summary>The generation ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            Wake(_waiters.Count);
        }
    }

    // Those that sleep sleep too long.
    private void SetDue(long at)
    {
        if (at < _due)
        {
            _due = at;
            Wake(_waiters.Count);
        }
    }

    private void SetStale(int waiters)
    {
        _stale = true;
        Wake(waiters);
    }

    // Each time those that were not woken for longest.
    private void Wake(int waiters)
    {
        for (var i = Math.Min(waiters, _waiters.Count); i > 0; i--)
        {
            var first = _waiters.First!;
            _waiters.RemoveFirst();
            _waiters.AddLast(first);
            first.Value.Wake();
        }
    }
}
