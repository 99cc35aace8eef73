using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Events;

/// <summary>
/// Brings events to their targets. One loop leases what is due, lane by lane in turn, so that a long queue of
/// one target does not hold up another; every leased event is a task of its own, which writes how it ended before the lease
/// goes. Leases are in memory: after a crash whatever had not ended is delivered again.
/// </summary>
public sealed partial class Delivery : IDisposable
{
    // So many events of a lane are found by one look.
    private const int Batch = 32;

    private readonly DeliveryLanes _lanes;
    private readonly Database _database;
    private readonly DeliveryAttempts _attempts;
    private readonly TimeProvider _time;
    private readonly ILogger<Delivery> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly DueSignal _due;
    private Task _loop = Task.CompletedTask;

    /// <summary>Makes it; nothing is delivered before <see cref="Start"/>.</summary>
    /// <param name="database">The store.</param>
    /// <param name="table">What is deployed.</param>
    /// <param name="invoke">The one door to running a function: <c>Invoker.InvokeAsync</c>.</param>
    /// <param name="most">Most events that are delivered at once; one target gets at most half of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where ends without anybody to handle them are told.</param>
    public Delivery(
        Database database, FunctionTable table, Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> invoke, int most, TimeProvider time, ILogger<Delivery> log)
    {
        (_database, _time, _due, _log) = (database, time, new(time), log);
        _lanes = new(table, Math.Max(2, most));
        _attempts = new(database, table, invoke, time, log);
        foreach (var lane in database.Read(EventStore.Pauses))
        {
            _lanes.Pause(lane, paused: true);
        }
    }

    /// <summary>What is leased and what is held up.</summary>
    internal DeliveryLanes Lanes => _lanes;

    /// <summary>Begins, with what waited when the server ended.</summary>
    /// <param name="targets">What handles events that are for no function.</param>
    public void Start(params IReadOnlyList<IEventTarget> targets)
    {
        _attempts.Targets = targets;
        foreach (var lane in _database.Read(EventStore.Waiting))
        {
            Wake(lane);
        }

        _loop = LoopAsync();
    }

    /// <summary>An event has been written: <see cref="QueuedEvent.Lane"/>.</summary>
    public void Wake(string lane)
    {
        _lanes.Wake(lane);
        _due.Wake();
    }

    /// <summary>Leases nothing more. What is being delivered goes on.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        _due.Wake();
        return _loop;
    }

    /// <summary>Waits until what was being delivered has been written down.</summary>
    /// <param name="limit">For how long at most.</param>
    public async Task DrainAsync(TimeSpan limit)
    {
        // By the machine's clock: the other may stand.
        var begun = TimeProvider.System.GetTimestamp();
        while (_lanes.Running > 0 && TimeProvider.System.GetElapsedTime(begun) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _stop.Dispose();

    private async Task LoopAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            _due.Look();
            var sleep = DueSignal.AfterFailure;
            try
            {
                sleep = LeaseWhatIsDue();
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                Log.LoopFailed(_log, e);
            }

            await _due.WaitAsync(sleep);
        }
    }

    /// <returns>How long until the next event is due.</returns>
    private TimeSpan LeaseWhatIsDue()
    {
        while (!_stop.IsCancellationRequested && _lanes.TryTake(Now(), out var turn))
        {
            if (turn.Id == 0)
            {
                Look(turn);
            }
            else
            {
                _ = RunAsync(turn.Lane, turn.Id);
            }
        }

        var (next, now) = (_lanes.NextDue(), Now());
        return next - now < DueSignal.LongestSleep.TotalMilliseconds ? TimeSpan.FromMilliseconds(Math.Max(1, next - now)) : DueSignal.LongestSleep;
    }

    private void Look(in LaneTurn turn)
    {
        try
        {
            var (now, name, leased) = (Now(), turn.Lane.Name, turn.Leased);
            _lanes.Learn(turn, _database.Read(session => EventStore.Next(session, name, leased, Batch)), now);
        }
        catch
        {
            // It has not had its turn.
            _lanes.Wake(turn.Lane.Name);
            throw;
        }
    }

    private async Task RunAsync(DeliveryLane lane, long id)
    {
        await Task.Yield();
        var begun = TimeProvider.System.GetTimestamp();
        try
        {
            if (_database.Read(session => EventStore.Find(session, id)) is { Event: { Condition: null } queued })
            {
                foreach (var written in await _attempts.MakeAsync(queued, _stop.Token))
                {
                    Wake(written);
                }
            }
        }
        catch (Exception e)
        {
            // The lease is held for a while, so that what fails each time does not do so in a tight circle.
            if (!_stop.IsCancellationRequested)
            {
                Log.DeliveryFailed(_log, id, e);
                await Task.Delay(DueSignal.AfterFailure, TimeProvider.System);
            }
        }
        finally
        {
            _lanes.Release(lane, id, TimeProvider.System.GetElapsedTime(begun));
            _due.Wake();
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Error, "Delivering event {Id} failed unexpectedly; it is tried again")]
        public static partial void DeliveryFailed(ILogger logger, long id, Exception exception);

        [LoggerMessage(5002, LogLevel.Error, "Looking for due events failed; it is tried again")]
        public static partial void LoopFailed(ILogger logger, Exception exception);
    }
}
