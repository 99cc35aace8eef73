using System.Threading.Tasks.Sources;

namespace Mayfly.Server.Invocation;

/// <summary>
/// One place in an instance that takes one invocation at a time. It is leased, exchanges once, and is free again
/// when all sides let go: the shim has parked, the invoker has settled, and so have the extensions that follow invocations.
/// </summary>
public sealed class Slot : IValueTaskSource<Answer>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<Answer> _answer;
    private long _deadline;
    private long _timerDue = long.MaxValue;
    private int _exchanges;
    private int _open;
    private int _released = 1;

    internal Slot(Instance instance, int number, TimeProvider time)
    {
        Instance = instance;
        Number = number;
        Lease = new(this, null);
        _time = time;
        _timer = time.CreateTimer(static slot => ((Slot)slot!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The instance it is a part of.</summary>
    public Instance Instance { get; }

    /// <summary>1 to the instance's slot count.</summary>
    public int Number { get; }

    /// <summary>The invocation that runs here now.</summary>
    public ActiveInvocation? Current { get; private set; }

    /// <summary>Whether an exchange waits for its answer here.</summary>
    internal bool IsOpen => Volatile.Read(ref _open) != 0;

    /// <summary>Whether a caller holds it. Belongs to the pool's gate.</summary>
    internal bool IsLeased { get; set; }

    /// <summary>What a caller gets who leases it.</summary>
    internal LeaseOutcome Lease { get; }

    /// <summary>How many others of the pool were leased when it was. Belongs to the pool's gate.</summary>
    internal int Beside { get; set; }

    /// <summary>When its exchange began; nothing once that has been counted.</summary>
    internal long Begun { get; set; }

    /// <summary>How long its last exchange took.</summary>
    internal TimeSpan Took { get; set; }

    /// <summary>When it was parked last.</summary>
    internal long ParkedAt { get; set; }

    /// <summary>Hands an invocation over and waits for what comes first: an answer, the time limit, or the sandbox's end.</summary>
    internal ValueTask<Answer> ExchangeAsync(ActiveInvocation invocation, IInvocationChannel channel, TimeSpan limit)
    {
        _answer.Reset();
        Current = invocation;
        Volatile.Write(ref _released, Instance.Extensions.Set.HasListeners ? -1 : 0);
        Begun = _time.GetTimestamp();
        Volatile.Write(ref _deadline, Begun + (long)(limit.TotalSeconds * _time.TimestampFrequency));
        Interlocked.Exchange(ref _open, ++_exchanges);
        if (Instance.IsBroken)
        {
            TryAnswer(new(AnswerKind.Exited, default));
        }

        // A timer that comes earlier, as one does that was set for an invocation before, sets itself anew.
        if (Volatile.Read(ref _deadline) < Volatile.Read(ref _timerDue))
        {
            SetTimer(limit);
        }

        Instance.Extensions.Tell(invocation, limit);
        channel.Send(Number, invocation);
        return new(this, _answer.Version);
    }

    /// <summary>Ends the exchange if it is still open. What the program answered is handled here and now, an end without an answer on the pool.</summary>
    /// <returns>Whether this call ended it.</returns>
    internal bool TryAnswer(in Answer answer) => TryAnswer(Volatile.Read(ref _open), answer);

    /// <summary>How long the exchange runs that began last; zero when there is none.</summary>
    internal TimeSpan RunsFor(long now) => Begun is var begun and not 0 ? _time.GetElapsedTime(begun, now) : TimeSpan.Zero;

    /// <summary>One of the sides lets go.</summary>
    /// <returns>Whether it was the last, so that the slot is free.</returns>
    internal bool Release() => Interlocked.Increment(ref _released) == 2;

    // A callback of an earlier exchange must not end this one, nor this one's the next: it is told by its number.
    private bool TryAnswer(int exchange, in Answer answer)
    {
        if (exchange == 0 || Interlocked.CompareExchange(ref _open, 0, exchange) != exchange)
        {
            return false;
        }

        _answer.RunContinuationsAsynchronously = answer.Kind is AnswerKind.TimedOut or AnswerKind.Exited;
        _answer.SetResult(answer);
        return true;
    }

    // The timer is not touched with every invocation, since that costs more than all the rest of a hand-over.
    private void OnTime()
    {
        Interlocked.Exchange(ref _timerDue, long.MaxValue);
        var exchange = Volatile.Read(ref _open);
        if (exchange == 0)
        {
            // Whoever opens it from now on sees that no timer runs.
            return;
        }

        var left = _time.GetElapsedTime(_time.GetTimestamp(), Volatile.Read(ref _deadline));
        if (left <= TimeSpan.Zero)
        {
            TryAnswer(exchange, new(AnswerKind.TimedOut, default));
            return;
        }

        SetTimer(left);
    }

    private void SetTimer(TimeSpan left)
    {
        Volatile.Write(ref _timerDue, Volatile.Read(ref _deadline));
        _timer.Change(left > Shortest ? left : Shortest, Timeout.InfiniteTimeSpan);
    }

    internal void Close() => _timer.Dispose();

    Answer IValueTaskSource<Answer>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Answer>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Answer>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
