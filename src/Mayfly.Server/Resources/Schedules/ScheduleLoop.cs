using System.Globalization;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>
/// Fires rules at their times. What a firing makes, and the time of the next, are one transaction, so each time makes
/// exactly one event. What came due while the server was down fires once, however often it would have been.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="buses">The rules.</param>
/// <param name="router">Who gets what.</param>
/// <param name="delivery">What brings it there.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
public sealed partial class ScheduleLoop(Database database, BusRegistry buses, EventRouter router, Delivery delivery, TimeProvider time, ILogger<ScheduleLoop> log)
{
    /// <summary>Most firings of one transaction.</summary>
    private const int Batch = 100;

    private static readonly JsonElement NoDetail = JsonDocument.Parse("{}").RootElement;

    private readonly DueSignal _due = new(time);

    /// <summary>Sets when a rule fires next, in the transaction that changes it.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="arn">The rule.</param>
    /// <param name="rule">The rule as it shall be; <see langword="null"/>: it is removed.</param>
    /// <param name="now">The time.</param>
    public static void Plan(SqlSession session, string arn, EventRule? rule, DateTimeOffset now)
    {
        if (rule is { IsEnabled: true, ScheduleExpression: { } text }
            && ScheduleExpression.Parse(text, ScheduleGrammar.Rule).Next(now, rule.ScheduledFrom, TimeZoneInfo.Utc) is { } due)
        {
            ScheduleStore.Put(session, arn, due);
        }
        else
        {
            ScheduleStore.Remove(session, arn);
        }
    }

    /// <summary>Sets when a rule fires next that was changed: what does not change its times leaves the one that stands.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="arn">The rule.</param>
    /// <param name="before">The rule as it is; <see langword="null"/>: it is new.</param>
    /// <param name="after">The rule as it shall be; <see langword="null"/>: it is removed.</param>
    /// <param name="now">The time.</param>
    public static void Replan(SqlSession session, string arn, EventRule? before, EventRule? after, DateTimeOffset now)
    {
        if ((before?.ScheduleExpression, before?.State) != (after?.ScheduleExpression, after?.State))
        {
            Plan(session, arn, after, now);
        }
    }

    /// <summary>A time may have changed.</summary>
    public void Wake() => _due.Wake();

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

    /// <returns>How long until something is due.</returns>
    private async Task<TimeSpan> FireAsync(DateTimeOffset started)
    {
        var now = time.GetUtcNow();
        var next = database.Read(static session => ScheduleStore.Next(session, 1));
        if (next is not [(_, var first)])
        {
            return DueSignal.LongestSleep;
        }

        if (first > now)
        {
            return first - now < DueSignal.LongestSleep ? first - now : DueSignal.LongestSleep;
        }

        var woken = new HashSet<FunctionKey>();
        await database.WriteAsync(
            session =>
            {
                foreach (var (arn, due) in ScheduleStore.Next(session, Batch).TakeWhile(entry => entry.Due <= now))
                {
                    var rule = RuleKey.TryParse(arn, out var key) ? buses.Current.Find(key) : null;
                    if (rule is { IsEnabled: true })
                    {
                        foreach (var queued in router.Route(rule, Occurrence(rule, due)))
                        {
                            EventStore.Insert(session, queued, now);
                            woken.Add(queued.Function.Key);
                        }
                    }

                    Plan(session, arn, rule, due < started ? started : due);
                }
            },
            CancellationToken.None);
        foreach (var function in woken)
        {
            delivery.Wake(function);
        }

        return TimeSpan.Zero;
    }

    private static BusEvent Occurrence(EventRule rule, DateTimeOffset due) => BusEvent.Make(
        rule.Key.Bus,
        EventIds.Of(rule.Key.Arn, due.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        "aws.events",
        "Scheduled Event",
        due,
        [rule.Key.Arn],
        NoDetail);

    private static partial class Log
    {
        [LoggerMessage(5200, LogLevel.Error, "Firing schedules failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
