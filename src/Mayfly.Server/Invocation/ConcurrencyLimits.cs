using System.Collections.Concurrent;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Invocation;

/// <summary>Counts what runs now, per function and in all, and says when a limit is reached.</summary>
public sealed class ConcurrencyLimits
{
    private readonly ConcurrentDictionary<FunctionKey, StrongBox> _running = new();
    private int _total;

    private sealed class StrongBox
    {
        public int Count;
    }

    /// <summary>Counts one more invocation in.</summary>
    /// <returns><see langword="null"/>, or why it must wait: as the Lambda API words it.</returns>
    public InvocationError? TryEnter(Function function)
    {
        var box = _running.GetOrAdd(function.Key, static _ => new());
        if (Interlocked.Increment(ref box.Count) > (function.Latest.Config.ReservedConcurrency ?? int.MaxValue))
        {
            Interlocked.Decrement(ref box.Count);
            return new(InvocationErrorKind.TooManyRequests, "ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.");
        }

        if (Interlocked.Increment(ref _total) > InvocationLimits.AccountConcurrency)
        {
            Interlocked.Decrement(ref _total);
            Interlocked.Decrement(ref box.Count);
            return new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", "Rate Exceeded.");
        }

        return null;
    }

    /// <summary>Counts one out again.</summary>
    public void Leave(FunctionKey function)
    {
        Interlocked.Decrement(ref _total);
        if (_running.TryGetValue(function, out var box))
        {
            Interlocked.Decrement(ref box.Count);
        }
    }

    /// <summary>Invocations that run now.</summary>
    public int Running => Volatile.Read(ref _total);
}
