using System.Diagnostics;
using System.Globalization;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Puts and gets of 64 MiB by one client beside a bare server that syncs the same bytes to a file and computes the same digests.</summary>
internal sealed class LargeObjects : IRowSource
{
    private const int Size = 64 * 1024 * 1024;
    private const int Each = 3;
    private const string Path = "/bench/large";
    private static readonly Goal s_goal = new(0.7, 0.9, AtLeast: true);

    public string Title => "objects of 64 MiB";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        using var folder = new WorkFolder();
        await using var bare = ChildServer.StartKestrelObjects(folder.Of("other"));
        await bare.WaitAsync("/", cancellationToken);
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        using (var door = new StorageDoor(mayfly.Port))
        {
            door.MakeBucket("bench");
        }

        context.Weight.Raise(mayfly.Child.Tree);
        context.Weight.Raise(bare.Tree);
        var body = new byte[Size];
        new Random(1).NextBytes(body);
        using var ours = new HttpConnection(mayfly.Port);
        using var theirs = new HttpConnection(bare.Port);
        var head = HttpConnection.Request("PUT", Path, headers: StorageDoor.Lines(StorageDoor.SignedPut(body)) + "Content-Length: " + Size.ToString(CultureInfo.InvariantCulture) + "\r\n");
        var get = HttpConnection.Request("GET", Path, headers: StorageDoor.Lines(StorageDoor.SignedGet()));
        var puts = await InTurnAsync("put", Put);
        var gets = await InTurnAsync("get", Get);
        return [Row("put", puts), Row("get", gets)];

        Row Row(string what, (Samples Ours, Samples Theirs, Samples Ratio) measured) => new(
            $"{what} of 64 MiB, one client, to a bare Kestrel that syncs a file and computes the same digests", "ratio", measured.Ratio, s_goal,
            Report.Text($"{Rate(measured.Ours):0} MiB/s ÷ {Rate(measured.Theirs):0} MiB/s"));

        async Task<(Samples Ours, Samples Theirs, Samples Ratio)> InTurnAsync(string what, Func<HttpConnection, double> act)
        {
            var (our, their, ratio) = (new Samples(), new Samples(), new Samples());
            for (var round = 0; round <= rounds; round++)
            {
                context.Report.Progress($"{what} of 64 MiB, round {round} of {rounds}");
                var (mine, other) = (new Samples(), new Samples());
                for (var i = 0; i < Each; i++)
                {
                    // Nobody follows the other's writing always.
                    var isFirst = (round + i) % 2 == 0;
                    (isFirst ? mine : other).Add(act(isFirst ? ours : theirs));
                    (isFirst ? other : mine).Add(act(isFirst ? theirs : ours));
                    await Task.Delay(50, cancellationToken);
                }

                if (round > 0)
                {
                    our.Add(mine.Median);
                    their.Add(other.Median);
                    ratio.Add(other.Median / mine.Median);
                }
            }

            return (our, their, ratio);
        }

        double Put(HttpConnection connection)
        {
            var began = Stopwatch.GetTimestamp();
            connection.Send(head);
            var reply = connection.Call(body);
            return reply.Status == 200 ? Stopwatch.GetElapsedTime(began).TotalSeconds : throw new BenchException($"a put of 64 MiB was answered {reply.Status}: {reply.Body}");
        }

        double Get(HttpConnection connection)
        {
            var began = Stopwatch.GetTimestamp();
            var (status, length) = connection.Drain(get);
            return (status, length) == (200, Size) ? Stopwatch.GetElapsedTime(began).TotalSeconds : throw new BenchException(Report.Text($"a get of 64 MiB was answered {status}, with {length} bytes"));
        }
    }

    private static double Rate(Samples seconds) => Size / seconds.Median / (1024 * 1024);
}
