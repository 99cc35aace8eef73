using System.Text;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Puts and gets of 1 KiB a second beside another server.</summary>
/// <param name="other">What the other one is.</param>
/// <param name="goal">What the ratios must be.</param>
/// <param name="accessKey">Who asks the other one.</param>
/// <param name="start">Starts the other one in a folder.</param>
internal sealed class SmallObjects(string other, Goal goal, string accessKey, Func<Places, string, CancellationToken, Task<ChildServer>> start) : IRowSource
{
    private const int Connections = 64;
    private const int Readable = 1000;
    private const int Endless = 1_000_000_000;
    private const string Bucket = "/bench";

    private static readonly string s_body = new('x', 1024);

    /// <summary>A bare server that makes the same bytes durable and computes the same digests.</summary>
    public static SmallObjects BesideKestrel { get; } = new(
        "a bare Kestrel that syncs rows in groups and computes the same digests",
        new(0.4, 0.6, AtLeast: true),
        StorageDoor.AccessKey,
        static async (_, folder, cancellationToken) =>
        {
            var bare = ChildServer.StartKestrelObjects(folder);
            await bare.WaitAsync("/", cancellationToken);
            return bare;
        });

    /// <summary>What people use for tests; it syncs nothing.</summary>
    public static SmallObjects BesideS3rver { get; } = new("s3rver, which syncs nothing", new(3, 5, AtLeast: true), S3rver.AccessKey, S3rver.StartAsync);

    public string Title => "objects of 1 KiB beside " + other;

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 3;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 1));
        using var folder = new WorkFolder();
        await using var bare = await start(context.Places, folder.Of("other"), cancellationToken);
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        foreach (var (port, key) in ((int, string)[])[(mayfly.Port, StorageDoor.AccessKey), (bare.Port, accessKey)])
        {
            using var door = new StorageDoor(port, key);
            door.MakeBucket(Bucket[1..]);
            door.Fill($"{Bucket}/there/", Readable, s_body);
        }

        context.Weight.Raise(mayfly.Child.Tree);
        context.Weight.Raise(bare.Tree);
        var how = new InTurn(Connections, rounds, seconds, folder.Path);
        var put = await InTurn.RunAsync(context, "put of 1 KiB", round => Both($"{Bucket}/{round}/", Endless, s_body), how, cancellationToken);
        var get = await InTurn.RunAsync(context, "get of 1 KiB", _ => Both($"{Bucket}/there/", Readable, null), how, cancellationToken);
        return [Row("puts", put), Row("gets", get)];

        Row Row(string what, (Samples Ours, Samples Theirs, Samples Ratio) measured) =>
            new(Report.Text($"{what} of 1 KiB a second, {Connections} clients, to {other}"), "ratio", measured.Ratio, goal, Report.Text($"{measured.Ours.Median:0}/s ÷ {measured.Theirs.Median:0}/s"));

        (Target Mine, Target Other) Both(string path, int paths, string? body) =>
            (Of("mayfly", mayfly.Child, StorageDoor.AccessKey, path, paths, body), Of(other, bare, accessKey, path, paths, body));
    }

    private static Target Of(string name, ChildServer server, string accessKey, string path, int paths, string? body) => new(name, server.Port, path, body, server.Process, body is null ? null : "PUT")
    {
        Paths = paths,
        Headers = body is null ? StorageDoor.SignedGet(accessKey) : StorageDoor.SignedPut(Encoding.ASCII.GetBytes(body), accessKey),
    };
}
