using System.Threading.Tasks.Sources;

namespace Mayfly.Server.Invocation;

/// <summary>
/// One place in an instance that takes one invocation at a time. It is leased, exchanges once, and is free again
/// when all sides let go: the shim has parked, the invoker has settled, and so have the extensions that follow invocations.
/// </summary>
public sealed class Slot : IValueTaskSource<Answer>
{
    private readonly TimeProvider _time;
    private readonly ITimer _deadline;
    private long _deadlineAt;
    private ManualResetValueTaskSourceCore<Answer> _answer;
    private int _open;
    private int _released = 1;

    internal Slot(Instance instance, int number, TimeProvider time)
    {
        Instance = instance;
        Number = number;
        _answer.RunContinuationsAsynchronously = true;
        _time = time;
        _deadline = time.CreateTimer(static slot => ((Slot)slot!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The instance it is a part of.</summary>
    public Instance Instance { get; }

    /// <summary>1 to the instance's slot count.</summary>
    public int Number { get; }

    /// <summary>The invocation that runs here now.</summary>
    public ActiveInvocation? Current { get; private set; }

    /// <summary>Whether an exchange waits for its answer here.</summary>
    internal bool IsOpen => Volatile.Read(ref _open) == 1;

    /// <summary>Whether a caller holds it. Belongs to the pool's gate.</summary>
    internal bool IsLeased { get; set; }

    /// <summary>When it was parked last.</summary>
    internal long ParkedAt { get; set; }

    /// <summary>Hands an invocation over and waits for what comes first: an answer, the time limit, or the sandbox's end.</summary>
    internal async ValueTask<Answer> ExchangeAsync(ActiveInvocation invocation, IInvocationChannel channel, TimeSpan limit)
    {
        _answer.Reset();
        Current = invocation;
        Volatile.Write(ref _released, Instance.Extensions.Set.HasListeners ? -1 : 0);
        Volatile.Write(ref _open, 1);
        if (Instance.IsBroken)
        {
            TryAnswer(new(AnswerKind.Exited, default));
        }

        Volatile.Write(ref _deadlineAt, _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency));
        _deadline.Change(limit, Timeout.InfiniteTimeSpan);
        Instance.Extensions.Tell(invocation, limit);
        channel.Send(Number, invocation);
        var answer = await new ValueTask<Answer>(this, _answer.Version);
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return answer;
    }

    /// <summary>Ends the exchange if it is still open.</summary>
    /// <returns>Whether this call ended it.</returns>
    internal bool TryAnswer(in Answer answer)
    {
        if (Interlocked.Exchange(ref _open, 0) == 0)
        {
            return false;
        }

        _answer.SetResult(answer);
        return true;
    }

    /// <summary>One of the sides lets go.</summary>
    /// <returns>Whether it was the last, so that the slot is free.</returns>
    internal bool Release() => Interlocked.Increment(ref _released) == 2;

    // A callback that was already queued when its exchange ended must not end the next one.
    private void OnDeadline()
    {
        if (_time.GetTimestamp() >= Volatile.Read(ref _deadlineAt))
        {
            TryAnswer(new(AnswerKind.TimedOut, default));
        }
        else if (Volatile.Read(ref _open) == 1)
        {
            _deadline.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    internal void Close() => _deadline.Dispose();

    Answer IValueTaskSource<Answer>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Answer>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Answer>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
