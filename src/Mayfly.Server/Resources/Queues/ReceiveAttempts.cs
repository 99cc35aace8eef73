namespace Mayfly.Server.Resources.Queues;

/// <summary>What receives of a FIFO queue got that had an attempt id: for five minutes a second try gets the same. In memory alone. From any thread.</summary>
internal sealed class ReceiveAttempts
{
    private const long Length = 5 * 60 * 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Ends, IReadOnlyList<StoredMessage> Taken)> _attempts = new(StringComparer.Ordinal);

    /// <summary>What an attempt got, each message as it was before; nothing when it is not known.</summary>
    public IReadOnlyList<StoredMessage> Find(string attempt, long now)
    {
        lock (_gate)
        {
            return _attempts.TryGetValue(attempt, out var known) && known.Ends > now ? known.Taken : [];
        }
    }

    /// <summary>An attempt got messages.</summary>
    public void Add(string attempt, IReadOnlyList<StoredMessage> taken, long now)
    {
        lock (_gate)
        {
            foreach (var (over, _) in _attempts.Where(known => known.Value.Ends <= now).ToList())
            {
                _attempts.Remove(over);
            }

            _attempts[attempt] = (now + Length, taken);
        }
    }
}
