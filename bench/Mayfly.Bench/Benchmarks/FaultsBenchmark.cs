using System.Text.Json;
using System.Text.RegularExpressions;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>What a neighbour's warm calls feel of a function that misbehaves.</summary>
internal sealed partial class FaultsBenchmark : IBenchmark
{
    private const double Target = 1.5;
    private static readonly TimeSpan s_untilRunning = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_duringLimit = TimeSpan.FromSeconds(40);

    private static readonly (string Title, HelloFunction Function)[] s_faults =
    [
        ("sleeps past its timeout", new("timeout", HelloFunction.Python, "faults.timeout", 1)),
        ("allocates past its memory", new("memory", HelloFunction.Python, "faults.memory", 30)),
        ("exits", new("exit", HelloFunction.Python, "faults.leave")),
        ("forks without end", new("forks", HelloFunction.Python, "faults.forks", 3)),
        ("prints 100 MB", new("prints", HelloFunction.Python, "faults.prints", 30)),
        ("answers 7 MB", new("large", HelloFunction.Python, "faults.large", 10)),
        ("does not import", new("broken", HelloFunction.Python, "broken.handler")),
        ("answers twice", new("twice", HelloFunction.Python, "faults.twice")),
    ];

    public string Name => "faults";

    public string Summary => "a neighbour's warm calls before, during and after a function misbehaves";

    public TimeSpan Limit => TimeSpan.FromMinutes(15);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        var phase = TimeSpan.FromSeconds(context.Options.Seconds ?? 1);
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync("neighbour", [new("neighbour", HelloFunction.Python, "hello.handler")], cancellationToken);
        await mayfly.DeployAsync("faults", s_faults.Select(static fault => fault.Function), cancellationToken);

        await using var kestrel = ChildServer.StartKestrel();
        await kestrel.WaitAsync("/", cancellationToken);
        using var neighbour = new Neighbour(mayfly.Port, "neighbour", kestrel.Port);
        neighbour.Measure(TimeSpan.FromSeconds(3), cancellationToken);
        context.Weight.Raise(mayfly.Child.Tree);

        var rows = s_faults.Select(static fault => new Row(fault.Title, fault.Function.Name)).ToList();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                context.Report.Progress($"round {round + 1} of {rounds}: {row.Title}");
                var before = neighbour.Measure(phase, cancellationToken);
                var call = mayfly.InvokeAsync(row.Function, cancellationToken);
                await Task.WhenAny(call, Task.Delay(s_untilRunning, cancellationToken));

                // Its instance is new and leads a session of its own: it gets the neighbour's weight, or the kernel would hold it down for us.
                context.Weight.Raise(mayfly.Child.Tree);
                var during = neighbour.Measure(s_duringLimit, cancellationToken, call);
                row.Saw = Describe(await call);
                var after = neighbour.Measure(phase, cancellationToken);
                row.Samples.Add(before, during, after, judged: after);
            }
        }

        var table = new Table("a function that", "the caller saw", "before µs", "during µs", "after µs", "after/before", "control") { Texts = new HashSet<int> { 0, 1 } };
        foreach (var row in rows)
        {
            table.Add(
                row.Title, Short(row.Saw), Report.Text($"{row.Samples.Before.Median:0}"), Report.Text($"{row.Samples.During.Median:0}"),
                Report.Text($"{row.Samples.After.Median:0}"), Report.Text($"{row.Samples.Ratio.Median:0.00}"), Report.Text($"{row.Samples.Control.Median:0.00}"));
            context.Report.Add(row.Title, "neighbour before", "us", row.Samples.Before.Median);
            context.Report.Add(row.Title, "neighbour during", "us", row.Samples.During.Median);
            context.Report.Add(row.Title, "neighbour after", "us", row.Samples.After.Median);
            context.Report.Add(row.Title, "control, after to before", "ratio", row.Samples.Control.Median);
        }

        context.Report.Show(table);
        foreach (var row in rows)
        {
            context.Report.AddPromise(row.Title, "neighbour's p50, after to before", "×", row.Samples.Ratio.Median, Target);
        }

        context.Report.Say($"{neighbour.Calls} calls of the neighbour, {neighbour.Failures} of them not answered well. Medians of {rounds} rounds. The control is a bare Kestrel server called in turn with the neighbour: what it feels, the machine does.");
        context.Report.AddPromise("neighbour", "calls not answered well", "calls", neighbour.Failures, 0);
    }

    /// <summary>Without request ids, and no longer than a column.</summary>
    internal static string Short(string saw)
    {
        var text = RequestIds().Replace(saw, "");
        return text.Length > 88 ? text[..87] + "…" : text;
    }

    [GeneratedRegex("RequestId: [0-9a-f-]{36} ?(Error: )?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestIds();

    /// <summary>What a caller saw.</summary>
    internal static string Describe((int Status, bool Failed, string Body) answer)
    {
        if (answer is { Status: 200, Failed: false })
        {
            return answer.Body.Length > 60 ? Report.Text($"an answer of {answer.Body.Length} characters") : "the answer " + answer.Body;
        }

        try
        {
            using var error = JsonDocument.Parse(answer.Body);
            string? Text(string name) => error.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
            return Report.Text($"{(answer.Status == 200 ? "" : $"{answer.Status} ")}{Text("errorType") ?? Text("Type")}: {Text("errorMessage") ?? Text("message") ?? Text("Message")}").ReplaceLineEndings(" ");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Report.Text($"status {answer.Status}: {answer.Body}");
        }
    }

    private sealed class Row(string title, string function)
    {
        public string Title => title;

        public string Function => function;

        public string Saw { get; set; } = "";

        public NeighbourSamples Samples { get; } = new();
    }
}
