namespace Mayfly.Sandboxd.Launching;

/// <summary>Things that are made before anybody needs them: those that lie ready, those being made, and those who wait for one.</summary>
/// <param name="make">Makes one.</param>
/// <param name="discard">Takes away one that nobody needs any more.</param>
/// <param name="spare">How many lie ready once one was asked for.</param>
internal sealed class Shelf<T>(Func<Task<T>> make, Func<T, Task> discard, int spare)
{
    /// <summary>What is taken is made anew only then: the start that took it needs the processors.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(15);

    private const string Closed = "Nothing more is made here.";

    private readonly Lock _guard = new();
    private readonly Queue<T> _ready = [];
    private readonly Queue<TaskCompletionSource<T>> _waiting = [];
    private readonly List<Task> _adding = [];
    private int _making;
    private int _makingAtOnce;
    private volatile bool _closed;

    /// <summary>Takes one that lies ready, or waits for the next.</summary>
    internal async Task<T> TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<T>? turn = null;
        T? taken;
        lock (_guard)
        {
            if (!_ready.TryDequeue(out taken))
            {
                turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(turn);
            }
        }

        Fill();
        if (turn is null)
        {
            return taken!;
        }

        // One that gave up leaves its turn to the next.
        await using var given = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        return await turn.Task;
    }

    /// <summary>Makes what is missing: at once what somebody waits for.</summary>
    internal void Fill()
    {
        lock (_guard)
        {
            if (_closed)
            {
                while (_waiting.TryDequeue(out var turn))
                {
                    turn.TrySetException(new StartRefusedException(Closed));
                }

                return;
            }

            var atOnce = Math.Max(0, _waiting.Count - _makingAtOnce);
            var missing = Math.Max(atOnce, spare + _waiting.Count - _ready.Count - _making);
            _making += missing;
            _makingAtOnce += atOnce;
            _adding.RemoveAll(static task => task.IsCompleted);
            for (var number = 0; number < missing; number++)
            {
                var isAwaited = number < atOnce;
                _adding.Add(Task.Run(() => AddAsync(isAwaited)));
            }
        }
    }

    /// <summary>Makes no more, and discards what there is; all of it is gone when the task completes.</summary>
    internal async Task CloseAsync()
    {
        List<T> ready;
        Task[] adding;
        lock (_guard)
        {
            _closed = true;
            (ready, adding) = ([.. _ready], [.. _adding]);
            _ready.Clear();
        }

        await Task.WhenAll([.. ready.Select(discard), .. adding]);
    }

    private async Task AddAsync(bool atOnce)
    {
        T made;
        try
        {
            if (!atOnce)
            {
                await Task.Delay(s_pause);
                if (_closed)
                {
                    throw new StartRefusedException(Closed);
                }
            }

            made = await make();
        }
        catch (Exception e)
        {
            // Whoever waits is told; else the next who asks tries again.
            lock (_guard)
            {
                Count(atOnce);
                while (_waiting.TryDequeue(out var turn) && !turn.TrySetException(e))
                {
                }
            }

            return;
        }

        lock (_guard)
        {
            Count(atOnce);
            while (_waiting.TryDequeue(out var turn))
            {
                if (turn.TrySetResult(made))
                {
                    return;
                }
            }

            if (!_closed)
            {
                _ready.Enqueue(made);
                return;
            }
        }

        await discard(made);
    }

    private void Count(bool atOnce)
    {
        _making--;
        _makingAtOnce -= atOnce ? 1 : 0;
    }
}
