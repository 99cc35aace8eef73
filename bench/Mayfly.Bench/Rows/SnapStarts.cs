using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Further instances of a published function whose import takes two seconds, while all the others are busy.</summary>
internal sealed class SnapStarts : IRowSource
{
    private const int Instances = 7;
    private const string What = "SnapStart, 2 s import, further instance";

    /// <summary>Above what an instance takes that imports anew.</summary>
    private static readonly TimeSpan s_slowest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_untilHeld = TimeSpan.FromMilliseconds(100);
    private static readonly Goal s_goal = new(20, 5);

    public string Title => "starts from a snapshot";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync("snap", [new("snap", HelloFunction.Python, "slow_import.handler", 60) { Snapshot = true }], cancellationToken);
        var path = MayflyServer.UrlPath("snap");
        var first = Call(mayfly.Port, path);
        context.Weight.Raise(mayfly.Child.Tree);
        var further = new Samples();
        var until = TimeProvider.System.GetUtcNow() + (s_slowest * Instances);
        var hold = HttpConnection.Request("GET", string.Create(CultureInfo.InvariantCulture, $"{path}?until={until.ToUnixTimeMilliseconds() / 1000d}"));
        var held = new List<HttpConnection>();
        try
        {
            for (var i = 0; i < Instances; i++)
            {
                context.Report.Progress($"further instance {i + 1} of {Instances}");

                // The instance that was last made is the one that is free: it is held, so the next call needs another.
                held.Add(new(mayfly.Port));
                held[^1].Send(hold);
                await Task.Delay(s_untilHeld, cancellationToken);
                await mayfly.SettleAsync(cancellationToken);
                further.Add(Call(mayfly.Port, path));
            }
        }
        finally
        {
            held.ForEach(static connection => connection.Dispose());
        }

        return [new(What, "ms", further, s_goal, Report.Text($"{Instances} instances; the first took {first:0} ms"))];
    }

    private static double Call(int port, string path)
    {
        using var connection = new HttpConnection(port);
        connection.Call(HttpConnection.Request("GET", "/_mayfly/health"));
        var request = HttpConnection.Request("GET", path);
        var began = Stopwatch.GetTimestamp();
        var reply = connection.Call(request);
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (reply.Status != 200)
        {
            throw new BenchException($"the function that imports slowly answered {reply.Status}: {reply.Body}");
        }

        using var answer = JsonDocument.Parse(reply.Body);
        return answer.RootElement.GetProperty("calls").GetInt32() == 1 ? time : throw new BenchException("the call that was to start a further instance came to one that had run before");
    }
}
