namespace Mayfly.Server.Events;

/// <summary>
/// How a loop sleeps until something is due: it looks, and waits until the time that it found, until it is woken, or until its clock was moved.
/// </summary>
/// <param name="time">The loop's clock.</param>
internal sealed class DueSignal(TimeProvider time)
{
    /// <summary>A loop looks at the clock this often even when nothing is due: wall clocks jump.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    /// <summary>For how long a loop waits that failed.</summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // A clock that went on by more than that since the loop looked was moved.
    private static readonly TimeSpan Jump = TimeSpan.FromMilliseconds(10);

    private TaskCompletionSource _signal = NewSignal();
    private DateTimeOffset _looked;

    /// <summary>Something may be due earlier. From any thread.</summary>
    public void Wake() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>The loop looks now: what wakes it from here on ends its next wait.</summary>
    public void Look()
    {
        Interlocked.Exchange(ref _signal, NewSignal());
        _looked = time.GetUtcNow();
    }

    /// <summary>Waits.</summary>
    /// <param name="sleep">For how long at most.</param>
    /// <param name="stopping">Ends the wait too.</param>
    public async Task WaitAsync(TimeSpan sleep, CancellationToken stopping = default)
    {
        var signal = Volatile.Read(ref _signal);
        var wait = signal.Task.WaitAsync(sleep, time, stopping);

        // Before the wait had begun nobody would have told of a move.
        if (time.GetUtcNow() - _looked > Jump)
        {
            signal.TrySetResult();
        }

        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
