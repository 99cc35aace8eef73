namespace Mayfly.Server.Tests.Sandboxes;

public sealed class PlainProcessTests(PlainProcessTests.Fixture fixture) : IClassFixture<PlainProcessTests.Fixture>
{
    [Fact]
    public async Task Paths_of_the_contract_become_real_folders()
    {
        var spec = SandboxFixture.Shell("pwd; cat /var/task/hello.txt; cat $LIB; echo $OTHER") with { Shim = "probe" };
        spec = spec with
        {
            Environment = new Dictionary<string, string>(spec.Environment) { ["LIB"] = "/var/runtime/shim.txt", ["OTHER"] = "/var/taskforce:/var/task" },
        };
        var (exit, output) = await fixture.FinishAsync(spec);
        output.ShouldBe($"{fixture.Code}\nhello from the code\nhello from the shim\n/var/taskforce:{fixture.Code}\n");
        exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Layers_are_named_by_their_real_folder()
    {
        var hash = new string('5', 64);
        var tree = Path.Combine(fixture.State, "store", "code", hash);
        Directory.CreateDirectory(tree);
        var spec = SandboxFixture.Shell("echo $WHERE; echo $MAYFLY_OPT; echo /opt/bootstrap") with { LayersSha256 = hash };
        spec = spec with { Environment = new Dictionary<string, string>(spec.Environment) { ["WHERE"] = "/bin:/opt/bin:/opt:/optional:/x/opt/y" } };
        var (_, output) = await fixture.FinishAsync(spec);
        output.ShouldBe($"/bin:{tree}/bin:{tree}:/optional:/x/opt/y\n{tree}\n{tree}/bootstrap\n");
    }

    [Fact]
    public async Task Image_is_refused_because_nothing_can_be_its_root()
    {
        var refused = await Should.ThrowAsync<Server.Sandboxes.SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { CodeIsRoot = true }, default));
        refused.Message.ShouldContain("only in a sandbox");
    }

    [Fact]
    public async Task Exit_codes_and_signals_are_told()
    {
        (await fixture.FinishAsync(SandboxFixture.Shell("exit 7"))).Exit.ExitCode.ShouldBe(7);
        (await fixture.FinishAsync(SandboxFixture.Shell("kill -TERM $$"))).Exit.Signal.ShouldBe(15);
    }

    [Fact]
    public async Task Kill_takes_the_process_group()
    {
        await using var sandbox = await fixture.Client.StartAsync(SandboxFixture.Shell("sleep 98765 & sleep 98765 & echo up; wait"), default);
        await SandboxFixture.ReadToEndAsync(sandbox, until: "up\n");
        await sandbox.KillAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        (await sandbox.Exited).Signal.ShouldBe(9);

        // Both held the pipe: its end shows that they are gone.
        (await SandboxFixture.ReadToEndAsync(sandbox)).ShouldBe("");
    }

    [Fact]
    public async Task Memory_over_the_limit_is_reported_as_such()
    {
        var spec = SandboxFixture.Run("/usr/bin/python3", "-c", "import time\nx = bytearray(300 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(20)");
        await using var sandbox = await fixture.Client.StartAsync(spec, default);
        (await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(20))).OutOfMemory.ShouldBeTrue();
    }

    public sealed class Fixture : SandboxFixture
    {
        protected override string? OnlyKind => "process";
    }
}
