using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>
/// Fires what has times: rules and schedules, in one way. What a firing makes, and the time of the next, are one transaction,
/// so each time makes exactly one event. What came due while the server was down fires as <see cref="Recurrence.Missed"/> says.
/// </summary>
/// <param name="scheduler">The schedules, of which none is changed while some fire.</param>
/// <param name="database">The store.</param>
/// <param name="sources">The kinds of things that fire.</param>
/// <param name="delivery">What brings their events to functions.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
public sealed partial class ScheduleLoop(SchedulerRegistry scheduler, Database database, IReadOnlyList<IFiringSource> sources, Delivery delivery, TimeProvider time, ILogger<ScheduleLoop> log)
{
    /// <summary>Most firings of one transaction.</summary>
    private const int Batch = 100;

    private readonly DueSignal _due = new(time);

    /// <summary>Sets when something fires next whose times were changed: what does not change them leaves the time that stands.</summary>
    /// <param name="session">The transaction of the change.</param>
    /// <param name="arn">What fires.</param>
    /// <param name="before">Its times as they are; <see langword="null"/>: it has none.</param>
    /// <param name="after">Its times as they shall be; <see langword="null"/>: it has none any more.</param>
    /// <param name="now">The time.</param>
    public static void Replan(SqlSession session, string arn, Recurrence? before, Recurrence? after, DateTimeOffset now)
    {
        if (before != after)
        {
            Plan(session, arn, after?.Next(arn, after.PastAt(now)));
        }
    }

    /// <summary>A time may have changed.</summary>
    public void Wake() => _due.Wake();

    /// <summary>What has times, with the next of them.</summary>
    /// <param name="wanted">Which.</param>
    /// <param name="most">How many times of each.</param>
    public IEnumerable<(FiringListing Thing, IReadOnlyList<Occurrence> Next)> List(Func<FiringListing, bool> wanted, int most)
    {
        var now = time.GetUtcNow();
        foreach (var thing in sources.SelectMany(static source => source.List()).Where(wanted))
        {
            var next = new List<Occurrence>();
            for (var one = thing.Times?.NextDue(thing.Arn, now); one is { } found && next.Count < most; one = thing.Times!.Next(thing.Arn, found.At))
            {
                next.Add(found);
            }

            yield return (thing, next);
        }
    }

    /// <summary>Runs until the token fires.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var started = time.GetUtcNow();
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            _due.Look();
            var sleep = DueSignal.AfterFailure;
            try
            {
                sleep = await FireAsync(started);
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                Log.Failed(log, e);
            }

            if (sleep > TimeSpan.Zero)
            {
                await _due.WaitAsync(sleep, stopping);
            }
        }
    }

    private static void Plan(SqlSession session, string arn, Occurrence? next)
    {
        if (next is { } occurrence)
        {
            ScheduleStore.Put(session, arn, occurrence);
        }
        else
        {
            ScheduleStore.Remove(session, arn);
        }
    }

    /// <returns>How long until something is due.</returns>
    private async Task<TimeSpan> FireAsync(DateTimeOffset started)
    {
        var now = time.GetUtcNow();
        var next = database.Read(static session => ScheduleStore.Next(session, 1));
        if (next is not [(_, var first)])
        {
            return DueSignal.LongestSleep;
        }

        if (first.Due > now)
        {
            return first.Due - now < DueSignal.LongestSleep ? first.Due - now : DueSignal.LongestSleep;
        }

        var fired = new List<RoutedEvents>();
        await scheduler.FireAsync(session =>
        {
            var ended = new List<ScheduleKey>();
            foreach (var (arn, occurrence) in ScheduleStore.Next(session, Batch).TakeWhile(entry => entry.Next.Due <= now))
            {
                var firing = sources.Select(source => source.Find(arn)).FirstOrDefault(static found => found is not null);
                if (firing is not null && firing.Times.Fires(occurrence, started))
                {
                    Fire(session, arn, firing, occurrence, now, fired);
                }

                var following = firing?.Times.After(arn, occurrence, started);
                Plan(session, arn, following);
                if (firing?.Ends is { } schedule && following is null)
                {
                    ended.Add(schedule);
                }
            }

            return ended;
        });
        fired.ForEach(made => made.Wake(delivery));

        return TimeSpan.Zero;
    }

    private void Fire(SqlSession session, string arn, Firing firing, Occurrence occurrence, DateTimeOffset now, List<RoutedEvents> fired)
    {
        if (firing.Times.Overlap == OverlappingRuns.Skip && ScheduleStore.Made(session, arn).Any(id => EventStore.IsWaiting(session, id)))
        {
            Log.Overlapped(log, arn, occurrence.At);
            return;
        }

        var made = firing.Make(occurrence);
        var rows = made.Write(session, now);
        fired.Add(made);
        if (firing.Times.Overlap == OverlappingRuns.Skip)
        {
            ScheduleStore.PutMade(session, arn, rows);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5200, LogLevel.Error, "Firing schedules failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(5201, LogLevel.Information, "{Arn} is left out at {At:O}: what its last time made has not ended")]
        public static partial void Overlapped(ILogger logger, string arn, DateTimeOffset at);
    }
}
