using System.Diagnostics;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;
using Mayfly.Server;
using Mayfly.Server.Events;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Bench.Rows;

/// <summary>
/// Events leased and settled a second from a long backlog, and beside many other lanes, to those from a short one: the store and the delivery of
/// the server, here, with a function that answers at once.
/// </summary>
internal sealed class EventBacklogs : IRowSource
{
    private const int Short = 1000;
    private const int Long = 1_000_000;
    private const int Lanes = 10_000;
    private const int Step = 500;
    private const int MostAtOnce = 100;

    private const string Insert = """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $events)
        INSERT INTO events (lane, target, due, dead, document, payload)
        SELECT lane, lane, $due, 0, '{"requestId":"01234567-89ab-cdef-0123-456789abcdef","traceId":"Root=1-01234567-0123456789abcdef01234567","accepted":"2026-01-01T00:00:00+00:00"}', zeroblob(120) FROM (SELECT CASE WHEN $names THEN $lane || i ELSE $lane END AS lane FROM n)
        """;

    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(500);

    public string Title => "events leased from a backlog";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        var length = TimeSpan.FromSeconds(context.Options.Seconds ?? 1);
        using var folder = new WorkFolder();
        using var few = new Backlog(folder.Of("few"));
        using var many = new Backlog(folder.Of("many"));
        using var crowded = new Backlog(folder.Of("crowded"));
        context.Report.Progress($"writing {Long} events");
        await few.FillAsync(Short);
        await many.FillAsync(Long);
        await crowded.FillAsync(Short);
        await crowded.FillOthersAsync(Lanes);
        var (ofFew, ofMany, ofCrowded, backlog, lanes) = (new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= rounds; round++)
        {
            context.Report.Progress($"backlogs, round {round} of {rounds}");
            var shortRate = await few.RateAsync(length, cancellationToken);
            var longRate = await many.RateAsync(length, cancellationToken);
            var crowdedRate = await crowded.RateAsync(length, cancellationToken);
            if (round > 0)
            {
                ofFew.Add(shortRate);
                ofMany.Add(longRate);
                ofCrowded.Add(crowdedRate);
                backlog.Add(longRate / shortRate);
                lanes.Add(crowdedRate / shortRate);
            }
        }

        return
        [
            new(Report.Text($"events leased and settled a second with {Long} waiting, to those with {Short}"), "ratio", backlog, new(0.75, 0.9, AtLeast: true), Report.Text($"{ofMany.Median:0}/s ÷ {ofFew.Median:0}/s")),
            new(Report.Text($"the same with {Short} waiting, and one of each of {Lanes} other targets that is due later, to those without"), "ratio", lanes, new(0.75, 0.9, AtLeast: true), Report.Text($"{ofCrowded.Median:0}/s ÷ {ofFew.Median:0}/s")),
        ];
    }

    /// <summary>A store with events, and what delivers them. It stays as long as it is: what was settled is written again, many at once, which costs little.</summary>
    private sealed class Backlog(string folder) : IDisposable
    {
        private readonly Database _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        private int _settled;

        public Task FillAsync(int events) => InsertAsync(events, EventsDoor.SinkArn, names: false, TimeProvider.System.GetUtcNow());

        public Task FillOthersAsync(int lanes) => InsertAsync(lanes, EventsDoor.SinkArn + "-", names: true, TimeProvider.System.GetUtcNow().AddHours(1));

        public async Task<double> RateAsync(TimeSpan length, CancellationToken cancellationToken)
        {
            using var delivery = new Delivery(_database, new(), Answer, MostAtOnce, TimeProvider.System, NullLogger<Delivery>.Instance);
            delivery.Start();
            await Task.Delay(s_settling, cancellationToken);
            var (before, began) = (Volatile.Read(ref _settled), Stopwatch.GetTimestamp());
            await Task.Delay(length, cancellationToken);
            var rate = (Volatile.Read(ref _settled) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            await delivery.StopAsync();
            await delivery.DrainAsync(TimeSpan.FromSeconds(10));
            return rate;
        }

        public void Dispose() => _database.Dispose();

        private ValueTask<InvocationResult> Answer(InvocationRequest request, CancellationToken aborted)
        {
            if (Interlocked.Increment(ref _settled) % Step == 0)
            {
                _ = FillAsync(Step);
            }

            return ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId });
        }

        private Task InsertAsync(int events, string lane, bool names, DateTimeOffset due) =>
            _database.WriteAsync(session => session.Execute(Insert, ("$events", events), ("$lane", lane), ("$names", names), ("$due", due.ToUnixTimeMilliseconds())), CancellationToken.None);
    }
}
