using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The end of <c>mayfly up</c>: quick, whole, and leaving nothing.</summary>
public sealed class StopTests
{
    private const string Manifest = """
        service: stopping
        provider: { name: aws, runtime: python3.11, timeout: 60 }
        functions:
          slow: { name: slow, handler: app.slow }
          shell: { name: shell, runtime: provided.al2023, handler: any, mayfly: { folder: shell } }
        """;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_EndsEverything_WhileAFunctionRuns(string signal)
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await StartSlowAsync(server, project);
        var before = ProcessTable.Tree(server.Command.Id);
        before.Count.ShouldBeGreaterThan(3, string.Join('\n', before));

        server.Command.Signal(signal);
        var took = await server.Command.EndAsync();

        took.TotalSeconds.ShouldBeLessThan(5);
        server.Command.ExitCode.ShouldBe(0, server.Command.All);
        await NothingIsLeftAsync(before, project);
    }

    [Fact]
    public async Task SecondSignal_EndsAtOnce()
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await StartSlowAsync(server, project);
        var before = ProcessTable.Tree(server.Command.Id);

        server.Command.Signal("INT");
        await Until.TrueAsync(async () => !await AcceptsAsync(server.Port) || !File.Exists(project[".mayfly/endpoint"]), "the stop to begin", 5);
        server.Command.Signal("INT");
        var took = await server.Command.EndAsync();

        took.TotalSeconds.ShouldBeLessThan(1.5);
        await NothingIsLeftAsync(before, project);
    }

    [Fact]
    public async Task Signal_LetsARunningCallFinish()
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        var running = server.InvokeAsync("slow", $$"""{"seconds": 1.5, "mark": "{{project["started"]}}"}""");
        await Until.TrueAsync(() => server.Command.All.Contains("slow has begun", StringComparison.Ordinal), "the call to begin");

        server.Command.Signal("TERM");

        (await running).Payload.ShouldBe("\"done\"");
        await server.Command.EndAsync(5);
    }

    [Fact]
    public async Task SecondUp_InTheSameFolder_SaysWhoRuns()
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);

        var second = await MayflyProcess.RunAsync(["up", project.Path, "--port", Number(Machine.FreePort())], project.Path);

        second.Status.ShouldBe(5, second.Text + second.Error);
        second.Error.ShouldContain(Number(server.Command.Id));
        second.Error.ShouldContain(server.Endpoint);
        (await server.InvokeAsync("shell", "1")).FunctionError.ShouldBeNull("the first one serves on");
    }

    [Fact]
    public async Task PortInUse_SaysWhoHoldsIt()
    {
        using var project = Project();
        var port = Machine.FreePort();
        using var holder = new TcpListener(IPAddress.Loopback, port);
        holder.Start();

        var refused = await MayflyProcess.RunAsync(["up", project.Path, "--port", Number(port)], project.Path);

        refused.Status.ShouldBe(5, refused.Text + refused.Error);
        refused.Error.ShouldContain($"port {port} is in use");
        refused.Error.ShouldContain($"pid {Environment.ProcessId}");
        refused.Error.ShouldContain("--port");
        holder.Stop();
        await using var server = await MayflyServer.UpAsync(project.Path, port: port);
        (await server.InvokeAsync("shell", "1")).FunctionError.ShouldBeNull("nothing half-started is in the way");
    }

    private static TemporaryFolder Project() => new TemporaryFolder()
        .Write("serverless.yml", Manifest)
        .Write("app.py", "import time\n\ndef slow(event, context):\n    print('slow has begun', flush=True)\n    time.sleep(event.get('seconds', 50))\n    return 'done'\n")
        .Write("shell/bootstrap", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures/all/shell/bootstrap")), executable: true);

    private static async Task StartSlowAsync(MayflyServer server, TemporaryFolder project)
    {
        (await server.InvokeAsync("shell", "1")).FunctionError.ShouldBeNull();
        _ = server.InvokeAsync("slow").ContinueWith(static done => done.Exception, TaskScheduler.Default);
        await Until.TrueAsync(() => server.Command.All.Contains("slow has begun", StringComparison.Ordinal), $"the slow function of {project.Path} to begin: {server.Command.All}");
    }

    private static async Task NothingIsLeftAsync(IReadOnlyList<ProcessTable.Entry> before, TemporaryFolder project)
    {
        IReadOnlyList<ProcessTable.Entry> alive = [];
        await Until.TrueAsync(() => (alive = ProcessTable.Alive(before)).Count == 0, $"no process left, but: {string.Join('\n', ProcessTable.Alive(before))}", 1);
        (await File.ReadAllLinesAsync("/proc/mounts")).Where(line => line.Contains(project.Path, StringComparison.Ordinal)).ShouldBeEmpty();
        var spawner = before.Where(static entry => entry.Command.Contains(" sandboxd --state ", StringComparison.Ordinal)).Select(static entry => entry.Id).ToList();
        Groups().Where(group => spawner.Any(id => Path.GetFileName(group).StartsWith($"mayfly-{id}-", StringComparison.Ordinal))).ShouldBeEmpty();
        File.Exists(project[".mayfly/endpoint"]).ShouldBeFalse();
    }

    private static IEnumerable<string> Groups() => !Directory.Exists("/sys/fs/cgroup") ? [] : Directory.EnumerateDirectories("/sys/fs/cgroup", "mayfly-*", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
    });

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
