using System.Threading.Tasks.Sources;

namespace Mayfly.Server.Invocation;

/// <summary>
/// One caller that waits for a slot, used again for the next. It stands in the line of one pool; whoever takes it out, within
/// that pool's gate, completes it, so that it is served, times out or is cancelled once.
/// </summary>
internal sealed class LeaseWaiter : IValueTaskSource<LeaseOutcome>
{
    // Within a hand-over nobody is handed a slot on the same thread again: a chain of them must not grow the stack, nor keep a socket's thread.
    [ThreadStatic]
    private static bool t_handsOver;

    private readonly LeaseWaiters _home;
    private ManualResetValueTaskSourceCore<LeaseOutcome> _outcome;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private InstancePool? _pool;

    internal LeaseWaiter(LeaseWaiters home)
    {
        _home = home;
        Place = new(this);
    }

    /// <summary>Its place in a line. Belongs to the pool's gate.</summary>
    internal LinkedListNode<LeaseWaiter> Place { get; }

    /// <summary>Since when it waits: a timestamp of the clock.</summary>
    internal long Since { get; private set; }

    /// <summary>For how long at most.</summary>
    internal TimeSpan Limit { get; private set; }

    /// <summary>Whether it would rather have a slot that becomes free soon than another instance. Belongs to the pool's gate.</summary>
    internal bool IsPatient { get; set; }

    /// <summary>Begins to wait; the pool's line comes next, and then <see cref="Follow"/>.</summary>
    internal void Begin(InstancePool pool, long now, TimeSpan limit) => (_pool, Since, Limit) = (pool, now, limit);

    /// <summary>Lets the caller's token end the wait.</summary>
    /// <returns>What the caller awaits, once.</returns>
    internal ValueTask<LeaseOutcome> Follow(CancellationToken cancellationToken)
    {
        var version = _outcome.Version;
        if (cancellationToken.CanBeCanceled)
        {
            _token = cancellationToken;
            _cancellation = cancellationToken.UnsafeRegister(static waiter => ((LeaseWaiter)waiter!).OnCancelled(), this);
        }

        return new(this, version);
    }

    /// <summary>Ends the wait; the caller goes on elsewhere.</summary>
    internal void Complete(LeaseOutcome outcome)
    {
        _outcome.RunContinuationsAsynchronously = true;
        _outcome.SetResult(outcome);
    }

    /// <summary>Gives it a slot that has become free: the caller goes on here and now, until its frame is sent.</summary>
    internal void HandOver(LeaseOutcome lease)
    {
        if (t_handsOver)
        {
            Complete(lease);
            return;
        }

        t_handsOver = true;
        try
        {
            _outcome.RunContinuationsAsynchronously = false;
            _outcome.SetResult(lease);
        }
        finally
        {
            t_handsOver = false;
        }
    }

    private void OnCancelled()
    {
        if (_pool!.Forget(this))
        {
            _outcome.RunContinuationsAsynchronously = true;
            _outcome.SetException(new OperationCanceledException(_token));
        }
    }

    LeaseOutcome IValueTaskSource<LeaseOutcome>.GetResult(short token)
    {
        try
        {
            return _outcome.GetResult(token);
        }
        finally
        {
            // A callback that runs now, or has run, may still look at it: then it is not used again.
            var isUntouched = _token == default || _cancellation.Unregister();
            (_cancellation, _token) = (default, default);
            if (isUntouched)
            {
                _outcome.Reset();
            }

            _home.Leave(isUntouched ? this : null);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<LeaseOutcome>.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<LeaseOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);
}
