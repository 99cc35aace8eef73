using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

public sealed class SandboxTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task Program_with_exit_code_ends_with_it()
    {
        var (exit, output) = await fixture.FinishAsync(SandboxFixture.Shell("echo out; echo err >&2; exit 7"));
        exit.ExitCode.ShouldBe(7, output);
        exit.OutOfMemory.ShouldBeFalse();
        output.ShouldBe("out\nerr\n");
    }

    [Fact]
    public async Task Program_killed_by_a_signal_ends_with_128_plus_it()
    {
        var (exit, _) = await fixture.FinishAsync(SandboxFixture.Shell("kill -TERM $$; sleep 5"));
        exit.Signal.ShouldBe(15);
    }

    [Fact]
    public async Task Code_and_shim_lie_where_the_contract_says()
    {
        var spec = SandboxFixture.Shell("cat hello.txt $SHIM/shim.txt") with { Shim = "probe" };
        spec = spec with { Environment = new Dictionary<string, string>(spec.Environment) { ["SHIM"] = "/var/runtime" } };
        var (exit, output) = await fixture.FinishAsync(spec);
        output.ShouldBe("hello from the code\nhello from the shim\n");
        exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Channel_carries_bytes_both_ways()
    {
        await using var sandbox = await fixture.Client.StartAsync(SandboxFixture.Shell("head -c 4 <&3 >&3") with { Channel = true }, default);
        var channel = sandbox.Channel.ShouldNotBeNull();
        await channel.SendAsync("ping"u8.ToArray());
        var answer = new byte[4];
        await channel.ReceiveAsync(answer.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Encoding.ASCII.GetString(answer).ShouldBe("ping");
        (await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(10))).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Environment_shows_in_no_command_line()
    {
        fixture.NeedsWalls();
        var spec = SandboxFixture.Shell("echo $TOKEN; sleep 30");
        spec = spec with { Environment = new Dictionary<string, string>(spec.Environment) { ["TOKEN"] = "s3cret-" + spec.Id } };
        await using var sandbox = await fixture.Client.StartAsync(spec, default);
        (await SandboxFixture.ReadToEndAsync(sandbox, until: "\n")).ShouldContain("s3cret-");
        var lines = Directory.EnumerateDirectories("/proc").Select(d => Path.Combine(d, "cmdline")).Where(File.Exists).Select(TryRead);
        lines.ShouldNotContain(l => l.Contains("s3cret-" + spec.Id));
        TryRead($"/proc/{sandbox.Pid}/environ").ShouldBe("");
    }

    [Fact]
    public async Task Program_has_no_rights_and_a_made_up_user()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("id -un; grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp|Groups):' /proc/self/status"));
        output.ShouldStartWith("sbx_user\n");
        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            output.ShouldContain(set + ":\t0000000000000000\n");
        }

        output.ShouldContain("NoNewPrivs:\t1\n");
        output.ShouldContain("Seccomp:\t2\n");
    }

    [Fact]
    public async Task Writing_fails_everywhere_but_in_tmp()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell(
            "for d in / /usr /etc /var /var/task /var/runtime /opt /dev /dev/shm /proc; do touch $d/x 2>/dev/null && echo wrote $d; done; touch /tmp/x && echo ok") with
        { Shim = "probe" });
        output.ShouldBe("ok\n");
    }

    [Fact]
    public async Task Tmp_is_limited_in_size()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("head -c 20000000 /dev/zero > /tmp/x; stat -c %s /tmp/x"));
        output.ShouldContain("No space left");
        output.ShouldContain("16777216");
    }

    [Fact]
    public async Task Other_processes_and_the_store_cannot_be_seen()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell($"ls -d /proc/[0-9]* | wc -l; cat {fixture.State}/store/store.db /root/.bashrc 2>&1 | grep -c 'No such file'; hostname"));
        var lines = output.Split('\n');
        int.Parse(lines[0]).ShouldBeLessThan(6);
        lines[1].ShouldBe("2");
        lines[2].ShouldBe("sandbox");
    }

    [Fact]
    public async Task Two_sandboxes_do_not_see_each_other()
    {
        fixture.NeedsWalls();
        await using var one = await fixture.Client.StartAsync(SandboxFixture.Shell("echo mine > /tmp/mine; echo up; sleep 30"), default);
        await SandboxFixture.ReadToEndAsync(one, until: "up\n");
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("ls /tmp; grep -l 'sleep' /proc/[0-9]*/comm; id -u"));
        output.ShouldNotContain("mine");
        output.ShouldNotContain("/comm");
        if (SandboxRightsProbe.OfThisProcess() == SandboxRights.Root)
        {
            output.ShouldNotContain(one.Uid.ToString());
        }
    }

    [Fact]
    public async Task Kill_takes_the_whole_tree()
    {
        var mark = "1" + Random.Shared.Next(100_000_000, 999_999_999);
        await using var sandbox = await fixture.Client.StartAsync(SandboxFixture.Shell($"sleep {mark} & (sleep {mark} & sleep {mark}) & echo up; wait"), default);
        await SandboxFixture.ReadToEndAsync(sandbox, until: "up\n");
        await sandbox.KillAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        (await sandbox.Exited).Signal.ShouldBe(9);
        AliveWith(mark).ShouldBe(0);
    }

    [Fact]
    public async Task Kill_right_after_the_start_leaves_nothing()
    {
        for (var i = 0; i < 10; i++)
        {
            var mark = "1" + Random.Shared.Next(100_000_000, 999_999_999);
            var sandbox = await fixture.Client.StartAsync(SandboxFixture.Shell($"sleep {mark}"), default);
            await sandbox.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            AliveWith(mark).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Background_process_does_not_outlive_the_program()
    {
        fixture.NeedsWalls();
        var mark = "1" + Random.Shared.Next(100_000_000, 999_999_999);
        var (exit, _) = await fixture.FinishAsync(SandboxFixture.Shell($"setsid sleep {mark} >/dev/null 2>&1 & exit 3"));
        exit.ExitCode.ShouldBe(3);
        AliveWith(mark).ShouldBe(0);
    }

    [Fact]
    public async Task Orphans_are_reaped()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("for i in 1 2 3 4 5; do (true & ); done; sleep 0.3; grep -c '^State:.Z' /proc/[0-9]*/status | grep -c ':1'"));
        output.Trim().ShouldBe("0");
    }

    [Fact]
    public async Task Fork_bomb_is_contained_and_can_be_killed()
    {
        fixture.NeedsWalls();
        var spec = SandboxFixture.Run("/usr/bin/python3", "-c", """
            import os, time
            n = 0
            try:
                while n < 5000:
                    if os.fork() == 0:
                        time.sleep(60); os._exit(0)
                    n += 1
            except OSError as e:
                print("stopped", n, e.errno, flush=True)
            time.sleep(60)
            """) with { MemoryMb = 3008 };
        await using var sandbox = await fixture.Client.StartAsync(spec, default);
        var output = await SandboxFixture.ReadToEndAsync(sandbox, until: "stopped");
        output.ShouldStartWith("stopped");
        int.Parse(output.Split(' ')[1]).ShouldBeInRange(900, 1024);
        await sandbox.KillAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        var (exit, _) = await fixture.FinishAsync(SandboxFixture.Shell("exit 0"));
        exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Memory_over_the_limit_is_reported_as_such()
    {
        fixture.NeedsWalls();
        var spec = SandboxFixture.Run("/usr/bin/python3", "-c", "import time\nx = bytearray(300 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(20)\nprint('survived')");
        await using var sandbox = await fixture.Client.StartAsync(spec, default);
        var exit = await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        exit.OutOfMemory.ShouldBeTrue();
        exit.Signal.ShouldBe(9);
        sandbox.ReadPeakMemoryBytes().ShouldBeGreaterThan(100L << 20);
    }

    [Fact]
    public async Task Peak_memory_is_told_while_it_runs()
    {
        var spec = SandboxFixture.Run("/usr/bin/python3", "-c", "x = bytearray(40 << 20)\nprint('up', flush=True)\nimport time\ntime.sleep(20)");
        await using var sandbox = await fixture.Client.StartAsync(spec, default);
        await SandboxFixture.ReadToEndAsync(sandbox, until: "up");
        sandbox.ReadPeakMemoryBytes().ShouldBeInRange(40L << 20, 90L << 20);
    }

    [Fact]
    public async Task Private_network_has_only_a_loopback()
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; (exec 4<>/dev/tcp/1.1.1.1/80) 2>&1 | grep -o -m1 unreachable") with { Network = SandboxNetworkMode.None });
        output.ShouldBe("lo\nunreachable\n");
    }

    [Theory]
    [InlineData("unshare -U true", "not permitted")]
    [InlineData("unshare -m true", "not permitted")]
    [InlineData("mount -t tmpfs x /tmp", "denied|not permitted|must be superuser")]
    [InlineData("python3 -c 'import ctypes,os; l=ctypes.CDLL(None,use_errno=True); l.ptrace(0,0,0,0); print(os.strerror(ctypes.get_errno()))'", "not permitted")]
    [InlineData("python3 -c 'import socket; socket.socket(17,3,0)' 2>&1", "not supported")]
    public async Task Dangerous_calls_are_refused(string script, string answer)
    {
        fixture.NeedsWalls();
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell(script));
        output.ShouldMatch("(?i)" + answer);
    }

    [Theory]
    [InlineData("/usr/bin/node", "-e", "const t=require('worker_threads');new t.Worker('1+1',{eval:true}).on('exit',()=>console.log('ok'))")]
    [InlineData("/usr/bin/python3", "-c", "import subprocess,threading;t=threading.Thread(target=lambda:subprocess.run(['/bin/echo','ok']));t.start();t.join()")]
    [InlineData("/usr/bin/dotnet", "--info", "")]
    [InlineData("/usr/bin/curl", "--version", "")]
    public async Task Languages_run_behind_the_filter(string program, string first, string second)
    {
        fixture.NeedsWalls();
        if (!File.Exists(program))
        {
            Assert.Skip(program + " is not installed");
        }

        var spec = SandboxFixture.Run([program, first, .. second.Length > 0 ? new[] { second } : []]) with { MemoryMb = 512 };
        var (exit, output) = await fixture.FinishAsync(spec);
        exit.ExitCode.ShouldBe(0, output);
        if (second.Length > 0)
        {
            output.ShouldBe("ok\n");
        }
    }

    [Fact]
    public async Task Client_that_goes_takes_its_sandboxes_along()
    {
        await using var own = new SandboxFixtureScope();
        await own.Fixture.InitializeAsync();
        var mark = "1" + Random.Shared.Next(100_000_000, 999_999_999);
        var sandbox = await own.Fixture.Client.StartAsync(SandboxFixture.Shell($"echo up; sleep {mark}"), default);
        await SandboxFixture.ReadToEndAsync(sandbox, until: "up");
        own.Fixture.Client.Dispose();
        await Eventually(() => AliveWith(mark) == 0);
        await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Hostile_spec_is_refused_with_a_reason()
    {
        var good = SandboxFixture.Shell("true");
        foreach (var bad in new[]
        {
            good with { Id = "../x" },
            good with { CodeSha256 = "../../etc" },
            good with { CodeSha256 = new string('a', 64) },
            good with { Shim = "../../x" },
            good with { Command = ["true"] },
            good with { Command = ["/bin/true\0--bind"] },
            good with { Environment = new Dictionary<string, string> { ["A=B"] = "c" } },
            good with { Environment = new Dictionary<string, string> { ["A"] = "c\0--bind\0/\0/" } },
            good with { Mounts = ["/etc"] },
            good with { MemoryMb = 0 },
            good with { Network = (SandboxNetworkMode)7 },
        })
        {
            var refusal = await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(bad, default));
            refusal.Message.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task Code_folder_that_is_a_link_is_refused()
    {
        fixture.NeedsWalls();
        var hash = new string('b', 64);
        Directory.CreateSymbolicLink(Path.Combine(fixture.State, "store", "code", hash), "/etc");
        await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("ls") with { CodeSha256 = hash }, default));
    }

    private static int AliveWith(string mark) =>
        Directory.EnumerateDirectories("/proc").Select(d => Path.Combine(d, "cmdline")).Where(File.Exists).Count(f => TryRead(f).StartsWith("sleep\0" + mark, StringComparison.Ordinal));

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task Eventually(Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
            await Task.Delay(10);
        }
    }

    private sealed class SandboxFixtureScope : IAsyncDisposable
    {
        public SandboxFixture Fixture { get; } = new();

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
