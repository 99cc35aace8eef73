using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mayfly.Bench.Benchmarks;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Reports;
using Mayfly.Bench.Rows;

namespace Mayfly.Bench;

/// <summary>Runs the benchmarks that are asked for, one after the other.</summary>
internal static class Runner
{
    /// <summary>Every target was met.</summary>
    private const int Done = 0;

    /// <summary>Something could not be run.</summary>
    private const int Failed = 1;

    /// <summary>Everything ran, and a target was missed.</summary>
    private const int Missed = 2;

    private static readonly IRowSource[] s_cold = [new ColdStarts(), new StartRate(), new SnapStarts()];
    private static readonly IRowSource[] s_memory = [new IdleMemory(), new DeployedMemory()];
    private static readonly IRowSource[] s_events = [new DurableEvents(), new SlowSyncs(), new EventStarts(), new EventBacklogs(), new IdleSchedules()];
    private static readonly IRowSource[] s_storage = [SmallObjects.BesideKestrel, new SentMessages(), new MessageStarts()];
    private static readonly IRowSource[] s_more = [SmallObjects.BesideS3rver, new LargeObjects(), new ReceivedMessages(), new IdleQueues()];
    private static readonly IRowSource[] s_backlog = [new SteadyEvents(), new BusyLanes()];
    private static readonly WarmCalls s_warm = new();

    private static readonly IBenchmark[] s_benchmarks =
    [
        new RowsBenchmark("table", "every promise about speed and memory, each beside its bare thing, from one run", [.. s_cold, .. s_memory, s_warm, .. s_events, .. s_storage, new Allocations()]),
        new RowsBenchmark("warm", "warm calls at 1, 16 and 64 connections and at a steady rate beside bare servers", s_warm),
        new RowsBenchmark("cold", "first calls of functions beside the bare start of their interpreters; how many a second; snapshots", s_cold),
        new RowsBenchmark("memory", "idle instances beside idle interpreters; 10,000 functions without an instance", s_memory),
        new RowsBenchmark("events", "events accepted, started and settled beside a bare server with SQLite; buses with many rules; many idle schedules", s_events),
        new RowsBenchmark("storage", "objects and messages beside a bare server that keeps the same, and beside s3rver; messages until their handlers begin; many idle queues", [.. s_storage, .. s_more]),
        new RowsBenchmark("backlog", "a minute of events at a steady rate; neighbours of a function with a long backlog", s_backlog),
        new StartBenchmark(),
        new DensityBenchmark(),
        new ControlBenchmark(),
        new FaultsBenchmark(),
        new BombsBenchmark(),
        new KeepAliveBenchmark(),
        new BurstBenchmark(),
    ];

    private static readonly string[] s_default = ["warm", "cold"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Any(static argument => argument is "-h" or "--help" or "help"))
        {
            Console.WriteLine(Options.Usage + "\n");
            foreach (var benchmark in s_benchmarks)
            {
                Console.WriteLine($"  {benchmark.Name,-9} {benchmark.Summary}");
            }

            Console.WriteLine($"\nWithout a name: {string.Join(" and ", s_default)}.");
            return Done;
        }

        try
        {
            var options = Options.Parse(arguments);
            var chosen = (options.Names.Count == 0 ? s_default : options.Names).Select(Find).ToList();
            return await RunAllAsync(options, chosen);
        }
        catch (BenchException problem)
        {
            await Console.Error.WriteLineAsync("bench: " + problem.Message);
            return Failed;
        }
    }

    private static async Task<int> RunAllAsync(Options options, List<IBenchmark> chosen)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var weight = new SchedulingWeight();
        var places = Places.Find(options);
        var facts = await MachineFacts.ReadAsync(weight, stop.Token);
        weight.Following = facts.Quiet == false;
        var report = new Report(facts);
        report.WriteMachine();

        var failed = false;
        foreach (var benchmark in chosen)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            limit.CancelAfter(benchmark.Limit);
            try
            {
                report.Begin(benchmark.Name, benchmark.Summary);
                await benchmark.RunAsync(new(options, places, weight, report), limit.Token);
            }
            catch (Exception problem) when (problem is BenchException or HttpRequestException or IOException or SocketException or JsonException)
            {
                failed = true;
                await Console.Error.WriteLineAsync($"bench {benchmark.Name}: {problem.Message}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                failed = true;
                await Console.Error.WriteLineAsync($"bench {benchmark.Name}: not done within {benchmark.Limit.TotalMinutes:0} minutes; ended");
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("bench: stopped");
                return Failed;
            }
        }

        if (options.Json is { } file)
        {
            await report.WriteJsonAsync(file, stop.Token);
        }

        return failed ? Failed : report.AllTargetsMet ? Done : Missed;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static IBenchmark Find(string name) =>
        s_benchmarks.FirstOrDefault(benchmark => benchmark.Name == name)
        ?? throw new BenchException($"there is no benchmark '{name}'; there are {string.Join(", ", s_benchmarks.Select(static benchmark => benchmark.Name))}");
}
