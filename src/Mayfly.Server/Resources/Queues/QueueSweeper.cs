using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Removes what nobody can receive any more, in slices between which others write: messages that are too old, those of
/// queues that were removed or purged, and what FIFO queues need not remember.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="registry">The queues.</param>
/// <param name="engine">What is told of it.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of sweeps that failed.</param>
public sealed partial class QueueSweeper(Database database, QueueRegistry registry, QueueEngine engine, TimeProvider time, ILogger<QueueSweeper> log)
{
    private const int Slice = 500;
    private const int ScannedAtOnce = 10_000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Sweeps once a minute, and where a queue was removed or purged, at once.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var signal = new DueSignal(time);
        registry.Changed += _ => signal.Wake();
        var next = DateTimeOffset.MinValue;
        while (!stopping.IsCancellationRequested)
        {
            signal.Look();
            var sleep = Period;
            try
            {
                if (time.GetUtcNow() >= next)
                {
                    next = time.GetUtcNow() + Period;
                    await SweepAsync(stopping);
                }
                else
                {
                    await SweepEndedAsync(stopping);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception e)
            {
                Log.Failed(log, e);
                sleep = DueSignal.AfterFailure;
            }

            await signal.WaitAsync(sleep, stopping);
        }
    }

    /// <summary>Sweeps.</summary>
    public async Task SweepAsync(CancellationToken stopping)
    {
        await SweepEndedAsync(stopping);
        await SweepOldAsync(stopping);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        while (await database.WriteAsync(session => DedupWindow.Sweep(session, now, Slice), stopping) == Slice)
        {
        }
    }

    private async Task SweepEndedAsync(CancellationToken stopping)
    {
        foreach (var id in database.Read(static session => session.Query("SELECT id FROM queue_ends", static row => row.GetInt64(0))))
        {
            while (await database.WriteAsync(session => SweepStore.RemoveEnded(session, id, Slice), stopping))
            {
            }
        }
    }

    // The rows are read in the order of their numbers; the moment after which none is too old is the same for most queues.
    private async Task SweepOldAsync(CancellationToken stopping)
    {
        var retention = registry.Current.ByKey.Values.ToDictionary(static queue => queue.Id, static queue => queue.RetentionSeconds * 1000L);
        if (retention.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var shortest = retention.Values.Min();
        var last = database.Read(SweepStore.Last);
        for (var from = 0L; from < last; from += ScannedAtOnce)
        {
            var start = database.Read(session => SweepStore.FirstAfter(session, from));
            if (start is not { } first)
            {
                return;
            }

            // Numbers that are gone are passed over.
            from = first - 1;
            var old = database.Read(session => SweepStore.SentBefore(session, from, from + ScannedAtOnce, now - shortest))
                .Where(message => retention.TryGetValue(message.Queue, out var kept) && message.Sent <= now - kept);
            foreach (var slice in old.Chunk(Slice))
            {
                var gone = await database.WriteAsync(session => SweepStore.Remove(session, slice, now), stopping);
                foreach (var queue in gone.GroupBy(static message => message.Queue))
                {
                    engine.States.Of(queue.Key).Add(-queue.Count());
                    engine.States.Of(queue.Key).Release(queue.Select(static message => message.Id));
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5401, LogLevel.Error, "Sweeping queues failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
