using System.Collections.Concurrent;

namespace Mayfly.Server.Invocation;

/// <summary>Counts the callers that wait on the node, and keeps what they wait with for the next ones.</summary>
internal sealed class LeaseWaiters
{
    private const int MostSpare = 256;

    private readonly ConcurrentQueue<LeaseWaiter> _spare = new();
    private int _waiting;

    /// <summary>One more waits.</summary>
    /// <returns><see langword="null"/> when too many do.</returns>
    internal LeaseWaiter? TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) > InvocationLimits.MaxWaitingOnNode)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        return _spare.TryDequeue(out var waiter) ? waiter : new(this);
    }

    /// <summary>One waits no more.</summary>
    /// <param name="spare">What it waited with, where another may.</param>
    internal void Leave(LeaseWaiter? spare)
    {
        Interlocked.Decrement(ref _waiting);
        if (spare is not null && _spare.Count < MostSpare)
        {
            _spare.Enqueue(spare);
        }
    }
}
