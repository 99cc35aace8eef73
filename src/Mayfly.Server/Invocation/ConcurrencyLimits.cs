using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Counts what runs now and says when a limit is reached, as AWS Lambda does: a function that reserves concurrency has that
/// and no more; provisioned concurrency is its own too, and what exceeds it spills over into what all functions of the
/// account share in a region, which is the account's limit less all that functions have for themselves.
/// </summary>
public sealed class ConcurrencyLimits
{
    private readonly ConcurrentDictionary<FunctionKey, Counts> _functions = new();
    private readonly ConcurrentDictionary<(string Account, string Region), StrongBox<int>> _shared = new();
    private int _total;

    /// <summary>Counts one more invocation in.</summary>
    /// <param name="function">Of what.</param>
    /// <param name="reserved">How much concurrency its account's functions have for themselves in its region, its own included.</param>
    /// <returns>Where it is counted, or why it must wait: as the Lambda API words it.</returns>
    public Admission TryEnter(Function function, int reserved)
    {
        var counts = _functions.GetOrAdd(function.Key, static (key, limits) => new(limits._shared.GetOrAdd((key.Account, key.Region), static _ => new())), this);
        if (TryTake(ref counts.Own, function.OwnConcurrency))
        {
            Interlocked.Increment(ref _total);
            return new(IsShared: false, null);
        }

        if (function.Latest.Config.ReservedConcurrency is not null)
        {
            return Refuse("ReservedFunctionConcurrentInvocationLimitExceeded");
        }

        if (!TryTake(ref counts.Shared.Value, Math.Max(InvocationLimits.MinUnreserved, InvocationLimits.AccountConcurrency - reserved)))
        {
            return Refuse("ConcurrentInvocationLimitExceeded");
        }

        Interlocked.Increment(ref _total);
        return new(IsShared: true, null);
    }

    /// <summary>Counts one out again.</summary>
    public void Leave(FunctionKey function, Admission admission)
    {
        Interlocked.Decrement(ref _total);
        var counts = _functions[function];
        Interlocked.Decrement(ref admission.IsShared ? ref counts.Shared.Value : ref counts.Own);
    }

    /// <summary>Invocations that run now.</summary>
    public int Running => Volatile.Read(ref _total);

    private static bool TryTake(ref int count, int most)
    {
        if (most == 0)
        {
            return false;
        }

        if (Interlocked.Increment(ref count) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    private static Admission Refuse(string reason) => new(IsShared: false, new(InvocationErrorKind.TooManyRequests, reason, "Rate Exceeded."));

    private sealed class Counts(StrongBox<int> shared)
    {
        public int Own;

        public StrongBox<int> Shared { get; } = shared;
    }
}
