using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// Parked stems of one kind. It is filled again in the background, a moment after one was taken, so that filling does not slow down what was started;
/// and a caller who finds it empty gets the next that is made, where that is quick.
/// </summary>
internal sealed class StemPool
{
    private const int MostAtOnce = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly Queue<Stem> _parked = new();
    private readonly Queue<TaskCompletionSource<Stem?>> _waiting = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly IStemMaker _maker;
    private readonly Action<StemCountMessage> _changed;
    private readonly TimeProvider _time;
    private readonly ITimer _refill;
    private readonly List<Task> _making = [];
    private StemOrder _order;
    private int _starting;
    private string? _failure;

    // After a failure nothing is made for a while.
    private bool _rests;

    internal StemPool(StemOrder order, IStemMaker maker, Action<StemCountMessage> changed, TimeProvider time)
    {
        (_order, _maker, _changed, _time) = (order, maker, changed, time);
        _refill = time.CreateTimer(static pool => ((StemPool)pool!).Fill(), this, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets how many shall be parked.</summary>
    internal void Want(StemOrder order)
    {
        List<Stem> surplus = [];
        lock (_gate)
        {
            _order = order;
            while (_parked.Count > order.Parked)
            {
                surplus.Add(_parked.Dequeue());
            }
        }

        surplus.ForEach(stem => _ = stem.DiscardAsync(_time));
        Tell();
        _refill.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a parked stem, or waits for one where that is quicker than a start.</summary>
    /// <returns><see langword="null"/> when there is none to be had.</returns>
    internal Task<Stem?> TakeAsync(out bool wasParked)
    {
        wasParked = true;
        TaskCompletionSource<Stem?>? waiter = null;
        lock (_gate)
        {
            while (_parked.TryDequeue(out var stem))
            {
                if (stem.IsAlive)
                {
                    _refill.Change(Pause, Timeout.InfiniteTimeSpan);
                    return Task.FromResult<Stem?>(stem);
                }

                _ = stem.DiscardAsync(_time);
            }

            wasParked = false;
            if (!_closing.IsCancellationRequested && !_rests && (_maker.IsQuick || _starting > _waiting.Count))
            {
                waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(waiter);
            }
        }

        if (waiter is null)
        {
            _refill.Change(Pause, Timeout.InfiniteTimeSpan);
            return Task.FromResult<Stem?>(null);
        }

        Start(forWaiting: true);
        return waiter.Task;
    }

    /// <summary>Ends all that are parked or being made; who waits for one gets none.</summary>
    internal async Task CloseAsync()
    {
        List<Stem> parked;
        Task[] making;
        lock (_gate)
        {
            _closing.Cancel();
            parked = [.. _parked];
            _parked.Clear();
            making = [.. _making];
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.TrySetResult(null);
            }
        }

        await _refill.DisposeAsync();
        await Task.WhenAll([_maker.DisposeAsync().AsTask(), .. making, .. parked.Select(stem => stem.DiscardAsync(_time))]);
    }

    private void Fill()
    {
        lock (_gate)
        {
            _rests = false;
        }

        Start(forWaiting: false);
        Tell();
    }

    // Makes as many as callers wait for at once; those to be parked one after the other.
    private void Start(bool forWaiting)
    {
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            var lacking = _waiting.Count - _starting + (forWaiting ? 0 : _order.Parked - _parked.Count);
            var most = Math.Max(Math.Min(_waiting.Count, MostAtOnce), forWaiting ? 0 : 1) - _starting;
            var more = Math.Max(0, Math.Min(lacking, most));
            _starting += more;
            _making.RemoveAll(static task => task.IsCompleted);
            for (; more > 0; more--)
            {
                var isAwaited = _waiting.Count >= more;
                _making.Add(Task.Run(() => MakeAsync(isAwaited)));
            }
        }
    }

    private async Task MakeAsync(bool isAwaited)
    {
        Stem? made = null;
        string? failure = null;
        try
        {
            made = await _maker.MakeAsync(isAwaited, _closing.Token);
        }
        catch (StartRefusedException e)
        {
            failure = e.Message;
        }

        if (failure is not null && failure != _failure && !_closing.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"sandboxd: stems of {_order.Name}: {failure}");
        }

        Stem? unwanted = null;
        TaskCompletionSource<Stem?>? waiter = null;
        lock (_gate)
        {
            _starting--;
            (_failure, _rests) = (failure, failure is not null);
            if (failure is not null)
            {
                // They start by themselves, and say what is wrong if that is wrong too.
                while (_waiting.TryDequeue(out var disappointed))
                {
                    disappointed.TrySetResult(null);
                }
            }
            else if (_closing.IsCancellationRequested)
            {
                unwanted = made;
            }
            else if (!_waiting.TryDequeue(out waiter))
            {
                _parked.Enqueue(made!);
            }

            if (!_closing.IsCancellationRequested)
            {
                _refill.Change(failure is not null ? PauseAfterFailure : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }

        waiter?.TrySetResult(made);
        Tell();
        if (unwanted is not null)
        {
            await unwanted.DiscardAsync(_time);
        }
        else if (made is not null && waiter is null)
        {
            _ = RemoveWhenDeadAsync(made);
        }
    }

    private async Task RemoveWhenDeadAsync(Stem stem)
    {
        await stem.Sandbox.Ended;
        var wasParked = false;
        lock (_gate)
        {
            if (_parked.Contains(stem))
            {
                wasParked = true;
                var rest = _parked.Where(other => other != stem).ToArray();
                _parked.Clear();
                Array.ForEach(rest, _parked.Enqueue);
            }
        }

        if (wasParked)
        {
            await stem.DiscardAsync(_time);
            Fill();
        }
    }

    private void Tell()
    {
        StemCountMessage count;
        lock (_gate)
        {
            count = new(_order.Name, _parked.Count, _starting, _failure);
        }

        _changed(count);
    }
}
