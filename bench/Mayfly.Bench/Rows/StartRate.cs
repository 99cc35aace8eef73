using System.Diagnostics;
using System.Globalization;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>First calls of many functions, several in flight all the time.</summary>
internal sealed class StartRate : IRowSource
{
    private const int InFlight = 8;
    private const int Functions = 120;

    public string Title => "cold starts a second";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        var (rate, time) = (new Samples(), new Samples());

        // The first round warms the compilers up.
        for (var round = -1; round < rounds; round++)
        {
            context.Report.Progress($"cold starts a second, round {round + 1} of {rounds}");
            var names = Enumerable.Range(0, Functions).Select(number => string.Create(CultureInfo.InvariantCulture, $"rate-{round + 1}-{number}")).ToArray();
            var service = names[0];
            await mayfly.DeployAsync(service, names.Select(static name => new HelloFunction(name, HelloFunction.Python, "hello.handler", 30)), cancellationToken);
            await mayfly.SettleAsync(cancellationToken);
            var (elapsed, times) = CallAll(mayfly.Port, names);
            if (round >= 0)
            {
                rate.Add(Functions / elapsed.TotalSeconds);
                time.Add(times.Median);
            }

            context.Weight.Raise(mayfly.Child.Tree);
            await mayfly.RemoveAsync(service, cancellationToken);
        }

        return [new(Report.Text($"cold starts a second, Python, {InFlight} in flight, {Environment.ProcessorCount} cores"), "1/s", rate, new(200, 500, AtLeast: true), Report.Text($"{Functions} functions a round, each called once; p50 {time.Median:0.0} ms"))];
    }

    private static (TimeSpan Elapsed, Samples Times) CallAll(int port, string[] names)
    {
        var requests = names.Select(static name => HttpConnection.Request("GET", MayflyServer.UrlPath(name))).ToArray();
        var times = new double[names.Length];
        var next = -1;
        string? problem = null;
        var callers = Enumerable.Range(0, InFlight).Select(_ => new Thread(Call)).ToList();
        var began = Stopwatch.GetTimestamp();
        callers.ForEach(static caller => caller.Start());
        callers.ForEach(static caller => caller.Join());
        var elapsed = Stopwatch.GetElapsedTime(began);
        var samples = new Samples();
        Array.ForEach(times, samples.Add);
        return problem is null ? (elapsed, samples) : throw new BenchException(problem);

        void Call()
        {
            try
            {
                using var connection = new HttpConnection(port);
                for (int index; (index = Interlocked.Increment(ref next)) < names.Length;)
                {
                    var called = Stopwatch.GetTimestamp();
                    var reply = connection.Call(requests[index]);
                    times[index] = Stopwatch.GetElapsedTime(called).TotalMilliseconds;
                    if (reply.Status != 200 || !reply.Body.Contains("Hello World!", StringComparison.Ordinal))
                    {
                        problem = $"{names[index]} answered {reply.Status}: {reply.Body}";
                    }
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                problem = e.Message;
            }
        }
    }
}
