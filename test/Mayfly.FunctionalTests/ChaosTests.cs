using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Parts are killed under load: every call ends in time with an answer or an error that has a name, capacity is back at once, and nothing is left behind.</summary>
public sealed class ChaosTests
{
    private const int Callers = 6;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(2);

    [Fact]
    public Task ZygoteKilled_UnderLoad() => KillUnderLoadAsync(static command =>
        ProcessTable.Tree(command).Where(static entry => entry.Command.Contains("/zygote.py", StringComparison.Ordinal) && !entry.Command.StartsWith("bwrap", StringComparison.Ordinal)));

    [Fact]
    public Task SandboxdKilled_UnderLoad() => KillUnderLoadAsync(static command => [ProcessTable.Role(command, "sandboxd")]);

    [Fact]
    public Task InstancesKilled_UnderLoad() => KillUnderLoadAsync(static command =>
    {
        // The outermost processes of sandboxes and what runs in them, without the parts that make them.
        var tree = ProcessTable.Tree(ProcessTable.Role(command, "sandboxd").Id).Skip(1).Where(static entry => !entry.Command.Contains("/zygote.py", StringComparison.Ordinal) || entry.Command.Contains(" --stem", StringComparison.Ordinal)).ToList();
        return tree.Where((_, index) => index % 2 == 0);
    });

    private static async Task KillUnderLoadAsync(Func<int, IEnumerable<ProcessTable.Entry>> victims)
    {
        await Machine.NeedSandboxesAsync();
        var before = Remains.OfThisMachine();
        using var project = Project();
        var server = await MayflyServer.UpAsync(project.Path);
        var processes = new HashSet<ProcessTable.Entry>();
        await using (server)
        {
            await Until.TrueAsync(() => AnswersAsync(server, "one"), "the first answer");
            await Until.TrueAsync(() => StemsAreParkedAsync(server), "parked stems");
            using var stop = new CancellationTokenSource();
            var ends = new ConcurrentBag<(TimeSpan Took, string? Unnamed)>();
            var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(server, caller, ends, stop.Token)));
            for (var round = 0; round < 3; round++)
            {
                await Until.TrueAsync(() => ends.Count > 40 * (round + 1), "load");
                processes.UnionWith(ProcessTable.Tree(server.Command.Id));
                foreach (var victim in victims(server.Command.Id).ToList())
                {
                    await Tool.RunAsync("kill", ["-9", victim.Id.ToString(CultureInfo.InvariantCulture)]);
                }

                // Each caller's functions answer again.
                var watch = Stopwatch.StartNew();
                await Until.TrueAsync(async () => await AnswersAsync(server, "one") && await AnswersAsync(server, "two") && await AnswersAsync(server, "three"), "capacity to be back", Back.TotalSeconds * Slowness);
            }

            await stop.CancelAsync();
            await load;
            ends.ShouldAllBe(end => end.Took < Deadline * Slowness);
            ends.Where(static end => end.Unnamed is not null).Select(static end => end.Unnamed).ShouldBeEmpty();
            processes.UnionWith(ProcessTable.Tree(server.Command.Id));
        }

        await Until.TrueAsync(() => ProcessTable.Alive(processes).Count == 0, "the processes to end", 6);
        var left = Remains.OfThisMachine().Except(before);
        await Until.TrueAsync(() => (left = Remains.OfThisMachine().Except(before)).Count == 0, "nothing to be left", 6)
            .ContinueWith(waited => waited.IsFaulted ? throw new ShouldAssertException($"left behind:\n{string.Join('\n', left)}", waited.Exception!) : waited.Result, TaskScheduler.Default);
    }

    // Machines that run other tests at the same time are slower than the promise.
    private static double Slowness => 3;

    private static async Task CallAsync(MayflyServer server, int caller, ConcurrentBag<(TimeSpan Took, string? Unnamed)> ends, CancellationToken stop)
    {
        string[] functions = ["one", "two", "three"];
        for (var call = caller; !stop.IsCancellationRequested; call++)
        {
            var watch = Stopwatch.StartNew();
            var answer = await server.InvokeAsync(functions[call % functions.Length], "7");
            ends.Add((watch.Elapsed, IsNamed(answer) ? null : $"{answer.Status} {answer.Payload}"));
        }
    }

    private static bool IsNamed(Invoked answer) => answer switch
    {
        { Status: 200, FunctionError: null, Payload: "7" } => true,
        { Status: 200, FunctionError: not null } => JsonNode.Parse(answer.Payload)?["errorType"] is not null,
        { Status: >= 500 or 429 } => (JsonNode.Parse(answer.Payload)?["Type"] ?? JsonNode.Parse(answer.Payload)?["Message"]) is not null,
        _ => false,
    };

    private static async Task<bool> AnswersAsync(MayflyServer server, string function) => await server.InvokeAsync(function, "7") is { Status: 200, FunctionError: null, Payload: "7" };

    private static async Task<bool> StemsAreParkedAsync(MayflyServer server)
    {
        var stems = JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/stems"))!.AsArray();
        return stems.Count >= 2 && stems.All(static stem => (int)stem!["parked"]! > 0);
    }

    private static TemporaryFolder Project() => new TemporaryFolder()
        .Write("serverless.yml", """
            service: chaos
            provider: { name: aws, runtime: python3.11, timeout: 5 }
            functions:
              one: { name: one, handler: app.handler }
              two: { name: two, runtime: nodejs20.x, handler: app.handler }
              three: { name: three, handler: app.handler, mayfly: { network: none } }
            """)
        .Write("app.py", "def handler(event, context):\n    return event\n")
        .Write("app.js", "exports.handler = async event => event;\n");
}
