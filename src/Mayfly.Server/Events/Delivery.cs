using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Events;

/// <summary>
/// Brings events to their functions. One loop leases what is due, function by function in turn, so that a long queue of
/// one does not hold up another; every leased event is a task of its own, which writes how it ended before the lease
/// goes. Leases are in memory: after a crash whatever had not ended is delivered again.
/// </summary>
public sealed partial class Delivery : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FunctionKey, DeliveryLane> _lanes = [];
    private readonly Database _database;
    private readonly FunctionTable _table;
    private readonly DeliveryAttempts _attempts;
    private readonly TimeProvider _time;
    private readonly ILogger<Delivery> _log;
    private readonly int _most;
    private readonly CancellationTokenSource _stop = new();
    private readonly DueSignal _due;
    private Task _loop = Task.CompletedTask;
    private int _running;

    /// <summary>Makes it; nothing is delivered before <see cref="Start"/>.</summary>
    /// <param name="database">The store.</param>
    /// <param name="table">What is deployed.</param>
    /// <param name="invoke">The one door to running a function: <c>Invoker.InvokeAsync</c>.</param>
    /// <param name="most">Most events that are delivered at once; one function gets at most half of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where ends without anybody to handle them are told.</param>
    public Delivery(
        Database database, FunctionTable table, Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> invoke, int most, TimeProvider time, ILogger<Delivery> log) =>
        (_database, _table, _attempts, _most, _time, _due, _log) = (database, table, new(database, table, invoke, time, log), Math.Max(2, most), time, new(time), log);

    /// <summary>Begins, with what waited when the server ended.</summary>
    public void Start()
    {
        foreach (var function in _database.Read(EventStore.Waiting))
        {
            Wake(function);
        }

        _loop = LoopAsync();
    }

    /// <summary>An event for a function has been written.</summary>
    public void Wake(FunctionKey function)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(function, out var lane))
            {
                _lanes.Add(function, lane = new());
            }

            lane.Change();
        }

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
        while (Volatile.Read(ref _running) > 0 && TimeProvider.System.GetElapsedTime(begun) < limit)
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
        for (var leased = true; leased;)
        {
            leased = false;
            FunctionKey[] turn;
            lock (_gate)
            {
                turn = [.. _lanes.Keys];
            }

            // Each function gets one event a round. Where a round ends early, the next begins elsewhere.
            Random.Shared.Shuffle(turn);
            foreach (var function in turn)
            {
                leased |= TryLeaseOne(function);
            }
        }

        lock (_gate)
        {
            var next = _lanes.Values.Where(static lane => lane.NextDue > 0).Select(static lane => lane.NextDue).DefaultIfEmpty(long.MaxValue).Min();
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            return next - now < DueSignal.LongestSleep.TotalMilliseconds ? TimeSpan.FromMilliseconds(Math.Max(1, next - now)) : DueSignal.LongestSleep;
        }
    }

    private bool TryLeaseOne(FunctionKey function)
    {
        DeliveryLane? lane;
        int seen;
        HashSet<long> leased;
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || _running >= _most || !_lanes.TryGetValue(function, out lane) || lane.NextDue > now || lane.Leased.Count >= MostOf(function))
            {
                return false;
            }

            (seen, leased) = (lane.Changes, [.. lane.Leased]);
        }

        var next = _database.Read(session => EventStore.Next(session, function, leased));
        lock (_gate)
        {
            if (next is not { } found || found.Due > now)
            {
                lane.Learn(next?.Due, seen);
                if (lane is { NextDue: long.MaxValue, Leased.Count: 0 })
                {
                    _lanes.Remove(function);
                }

                return false;
            }

            lane.Leased.Add(found.Id);
            _running++;
            _ = RunAsync(lane, found.Id);
            return true;
        }
    }

    // More than a function has reserved would only be refused; with nothing reserved at all, each event ends at once.
    private int MostOf(FunctionKey function)
    {
        var half = _most / 2;
        return _table.Current.Functions.GetValueOrDefault(function)?.Latest.Config.ReservedConcurrency is > 0 and var reserved ? Math.Min(half, reserved) : half;
    }

    private async Task RunAsync(DeliveryLane lane, long id)
    {
        await Task.Yield();
        try
        {
            if (_database.Read(session => EventStore.Load(session, id)) is { Condition: null } queued
                && await _attempts.MakeAsync(queued, _stop.Token) is { } destination)
            {
                Wake(destination);
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
            lock (_gate)
            {
                lane.Leased.Remove(id);
                lane.Change();
                _running--;
            }

            _due.Wake();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Error, "Delivering event {Id} failed unexpectedly; it is tried again")]
        public static partial void DeliveryFailed(ILogger logger, long id, Exception exception);

        [LoggerMessage(5002, LogLevel.Error, "Looking for due events failed; it is tried again")]
        public static partial void LoopFailed(ILogger logger, Exception exception);
    }
}
