namespace Mayfly.Server.Resources.Queues;

/// <summary>The messages of a standard queue that are next, of all that can be received. One caller at a time.</summary>
internal sealed class ReadyWindow
{
    /// <summary>How many messages it wants.</summary>
    public const int Size = 256;

    // Of a tenant that comes when others have filled the window.
    private const int LeastOfTenant = 16;
    private const int Most = 4096;

    private const int MostBody = 64 * 1024;
    private const int MostBodies = 4 * 1024 * 1024;

    private readonly HashSet<long> _ids = [];
    private readonly Queue<ReadyMessage> _own = new();
    private readonly Dictionary<string, Queue<ReadyMessage>> _tenants = new(StringComparer.Ordinal);
    private int _bodies;

    /// <summary>How many it has.</summary>
    public int Count => _ids.Count;

    /// <summary>Puts a message at the end; one that it has already, it keeps as it is.</summary>
    /// <returns>Whether it has it: not when there is no room.</returns>
    public bool Offer(in ReadyMessage message)
    {
        var line = message.Tenant is { } tenant ? _tenants.GetValueOrDefault(tenant) : _own;
        if (_ids.Count >= Size && (line?.Count >= LeastOfTenant || _ids.Count >= Most))
        {
            return false;
        }

        if (!_ids.Add(message.Id))
        {
            return true;
        }

        if (line is null)
        {
            _tenants.Add(message.Tenant!, line = new());
        }

        var size = message.Message?.Body.Length ?? 0;
        var keep = size <= MostBody && _bodies + size <= MostBodies;
        _bodies += keep ? size : 0;
        line.Enqueue(keep ? message : message with { Message = null });
        return true;
    }

    /// <summary>Takes the message whose turn it is.</summary>
    public bool TryTake(InFlight flights, out ReadyMessage message)
    {
        var line = Next(flights);
        if (line is null || !line.TryDequeue(out message))
        {
            message = default;
            return false;
        }

        _ids.Remove(message.Id);
        _bodies -= message.Message?.Body.Length ?? 0;
        if (line.Count == 0 && message.Tenant is { } tenant)
        {
            _tenants.Remove(tenant);
        }

        return true;
    }

    private Queue<ReadyMessage>? Next(InFlight flights)
    {
        if (_tenants.Count == 0)
        {
            return _own;
        }

        // Messages without a tenant are each a tenant of its own.
        var lines = _tenants.Values.Where(static line => line.Count > 0).ToList();
        if (_own.Count > 0)
        {
            lines.Add(_own);
        }

        return lines.Count == 0 ? null : lines[FairShare.Pick([.. lines.Select(line => (line.Peek().Id, flights.CountOf(line.Peek().Tenant)))], flights.Count)];
    }
}
