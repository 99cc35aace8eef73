using System.Diagnostics;
using Mayfly.Sandboxd.Native;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Sandboxes that stand still, and how they end.</summary>
public sealed class FreezingTests(SandboxFixture fixture, ITestOutputHelper output) : IClassFixture<SandboxFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task FrozenSandbox_StandsStill_AndRunsOnWhenThawed()
    {
        await using var sandbox = await StartAsync("while true; do echo x; sleep 0.01; done");
        await SandboxFixture.ReadToEndAsync(sandbox, until: "x\nx\n");

        sandbox.Freeze();
        await QuietAsync(sandbox);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Available(sandbox).ShouldBe(0);
        sandbox.Thaw();

        (await SandboxFixture.ReadToEndAsync(sandbox, until: "x\nx\n").WaitAsync(Limit, TestContext.Current.CancellationToken)).ShouldContain("x");
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            sandbox.Freeze();
            sandbox.Thaw();
        }

        output.WriteLine($"freeze and thaw: {Stopwatch.GetElapsedTime(begun).TotalMicroseconds / 100:0.0} µs");
    }

    [Fact]
    public async Task FrozenSandbox_CanBeKilled()
    {
        await using var sandbox = await StartAsync("echo ready; sleep 60");
        await SandboxFixture.ReadToEndAsync(sandbox, until: "ready\n");
        sandbox.Freeze();

        await sandbox.KillAsync().AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);

        sandbox.Exited.IsCompleted.ShouldBeTrue();
        sandbox.Freeze();
        sandbox.Thaw();
    }

    [Fact]
    public async Task FrozenSandbox_EndsWithTheConnection()
    {
        await using var own = new SandboxFixture();
        await own.InitializeAsync();
        await using var sandbox = await StartAsync("echo ready; sleep 60", own);
        await SandboxFixture.ReadToEndAsync(sandbox, until: "ready\n");
        sandbox.Freeze();

        own.Client.Dispose();

        await Until(() => !Directory.Exists($"/proc/{sandbox.Pid}"));
    }

    [Fact]
    public async Task TerminatedProgram_EndsByItself_OrIsKilledAfterItsGrace()
    {
        await using var heeding = await fixture.Client.StartAsync(SandboxFixture.Shell("trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.01; done"), default);
        await SandboxFixture.ReadToEndAsync(heeding, until: "ready\n");
        await heeding.TerminateAsync(Limit, TimeProvider.System).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
        (await heeding.Exited).ExitCode.ShouldBe(3);

        await using var deaf = await fixture.Client.StartAsync(SandboxFixture.Shell("trap '' TERM; echo ready; while true; do sleep 0.01; done"), default);
        await SandboxFixture.ReadToEndAsync(deaf, until: "ready\n");
        await deaf.TerminateAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
        (await deaf.Exited).Signal.ShouldBe(9);
    }

    private async Task<Sandbox> StartAsync(string script, SandboxFixture? other = null)
    {
        var sandbox = await (other ?? fixture).Client.StartAsync(SandboxFixture.Shell(script), default);
        if (!sandbox.CanFreeze)
        {
            await sandbox.DisposeAsync();
            Assert.Skip("no control groups to freeze by");
        }

        return sandbox;
    }

    private static async Task QuietAsync(Sandbox sandbox)
    {
        var quiet = 0;
        await Until(() => (quiet = Available(sandbox) == 0 ? quiet + 1 : 0) > 10);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static int Available(Sandbox sandbox) => Math.Max(0, LibC.ReadSome(sandbox.Output, new byte[4096]));
}
