using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>What a function can and cannot reach: the walls, probed from inside.</summary>
public sealed class SandboxTests(SharedServer shared)
{
    [Theory]
    [InlineData("/usr/mayfly-was-here")]
    [InlineData("/var/task/mayfly-was-here")]
    [InlineData("/var/runtime/mayfly-was-here")]
    [InlineData("/mayfly-was-here")]
    [InlineData("/etc/mayfly-was-here")]
    public async Task Writing_OutsideOfTmp_Fails(string path)
    {
        await Machine.NeedSandboxesAsync();
        var result = await ProbeAsync("probe", $"""
            try:
                open({Quote(path)}, "w").write("x")
                result = "written"
            except OSError as e:
                result = type(e).__name__
            """);
        ((string?)result).ShouldBeOneOf("OSError", "PermissionError", "FileNotFoundError");
    }

    [Fact]
    public async Task Tmp_CanBeWritten_AndIsPrivate()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        var neighbour = await server.InvokeAsync("neighbour");
        neighbour.Json!["tmp"]!.ToJsonString().ShouldContain("private");

        var seen = await ProbeAsync("probe", """
            import os
            open("/tmp/mine", "w").write("x")
            result = {"tmp": os.listdir("/tmp"), "uid": os.getuid(), "cwd": os.getcwd()}
            """);

        seen!["tmp"]!.AsArray().Select(static name => (string)name!).ShouldBe(["mine"]);
        ((string?)seen["cwd"]).ShouldBe("/var/task");
        if (Machine.IsRoot)
        {
            ((long)seen["uid"]!).ShouldNotBe((long)neighbour.Json["uid"]!, "running sandboxes have uids of their own");
            ((long)seen["uid"]!).ShouldBeGreaterThan(1_900_000_000);
        }
    }

    [Fact]
    public async Task Proc_ShowsTheSandboxAlone()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        var running = server.InvokeAsync("neighbour", """{"seconds": 1}""");

        var seen = await ProbeAsync("probe", """
            import os
            result = {}
            for pid in filter(str.isdigit, os.listdir("/proc")):
                result[pid] = open("/proc/%s/cmdline" % pid).read().replace("\0", " ")
            """);

        seen!.AsObject().Count.ShouldBeLessThanOrEqualTo(3, seen.ToJsonString());
        seen.ToJsonString().ShouldNotContain("mayfly server");
        seen.ToJsonString().ShouldNotContain("/.mayfly");
        (await running).FunctionError.ShouldBeNull();
    }

    [Fact]
    public async Task Status_HasNoCapabilities_NoNewPrivileges_AndAFilter()
    {
        await Machine.NeedSandboxesAsync();
        var status = await ProbeAsync("probe", """
            result = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
            """);

        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            ((string?)status![set]).ShouldBe("0000000000000000", set);
        }

        ((string?)status!["NoNewPrivs"]).ShouldBe("1");
        ((string?)status["Seccomp"]).ShouldBe("2");
    }

    [Fact]
    public async Task DangerousSystemCalls_AreRefused()
    {
        await Machine.NeedSandboxesAsync();
        var seen = await ProbeAsync("probe", """
            import ctypes, errno, os, platform
            libc = ctypes.CDLL(None, use_errno=True)
            network = os.open("/proc/self/ns/net", os.O_RDONLY)
            def call(name, *arguments):
                ctypes.set_errno(0)
                status = getattr(libc, name)(*arguments)
                return "done" if status != -1 else errno.errorcode[ctypes.get_errno()]
            result = {
                "unshare user": call("unshare", 0x10000000),
                "unshare mount": call("unshare", 0x00020000),
                "mount": call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
                "umount": call("umount2", b"/proc", 2),
                "ptrace": call("ptrace", 16, 1, 0, 0),
                "setns": call("setns", network, 0),
                "chroot": call("chroot", b"/tmp"),
                "bpf": call("syscall", 321 if platform.machine() == "x86_64" else 280, 0, None, 0),
                "keyctl": call("syscall", 250 if platform.machine() == "x86_64" else 219, 0, -3, 0),
                "io_uring": call("syscall", 425, 1, None),
                "sethostname": call("sethostname", b"mine", 4),
                "setuid": call("setuid", 0) if os.getuid() else "EPERM",
            }
            os.close(network)
            """);

        foreach (var (name, outcome) in seen!.AsObject())
        {
            ((string?)outcome).ShouldBeOneOf(["EPERM", "ENOSYS", "EACCES", "ESRCH", "EINVAL"], $"{name}: {outcome}");
        }
    }

    [Fact]
    public async Task TheStore_AndOtherCode_CannotBeRead()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        var paths = new JsonArray(
            [.. new[] { "", "/.mayfly", "/.mayfly/store", "/.mayfly/store/store.db", "/.mayfly/store/code", "/.mayfly/store/sandboxd.sock", "/.mayfly/prepared/interpreters.json", "/serverless.yml" }
                .Select(path => JsonValue.Create(server.Folder + path)), JsonValue.Create("/root"), JsonValue.Create("/home"), JsonValue.Create("/etc/shadow")]);

        var seen = await server.ProbeAsync("probe", """
            import os, socket
            result = {}
            def look(path):
                if os.path.isdir(path):
                    return sorted(os.listdir(path))
                if path.endswith(".sock"):
                    socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(path)
                    return "connected"
                return len(open(path, "rb").read())
            for path in event["paths"]:
                try:
                    result[path] = look(path)
                except OSError as e:
                    result[path] = None
            """, new JsonObject { ["paths"] = paths });

        foreach (var (path, found) in seen!.AsObject())
        {
            // An interpreter that lies in somebody's home is mounted, with the way to it and nothing else.
            if (path is "/root" or "/home")
            {
                (found?.AsArray() ?? []).Select(static name => (string)name!).ShouldNotContain(".ssh", path);
                continue;
            }

            found.ShouldBeNull($"{path}: {found?.ToJsonString()}");
        }
    }

    [Fact]
    public async Task Environment_HoldsNothingOfTheHost()
    {
        var seen = await ProbeAsync("probe", """
            import os
            result = dict(os.environ)
            """);

        ((string?)seen!["AWS_LAMBDA_FUNCTION_NAME"]).ShouldBe("probe");
        ((string?)seen["SERVICE_WIDE"]).ShouldBe("yes");
        ((string?)seen["LAMBDA_TASK_ROOT"]).ShouldNotBeNull();
        ((string?)seen["TMPDIR"] ?? "/tmp").ShouldBe("/tmp");
        foreach (var absent in new[] { "SECRET", "NO_COLOR", "SUDO_USER", "DOTNET_ROOT", "MAYFLY_STATE" })
        {
            seen.AsObject().ContainsKey(absent).ShouldBeFalse(absent);
        }
    }

    [Fact]
    public async Task OpenDescriptors_AreThoseOfTheContractOnly()
    {
        await Machine.NeedSandboxesAsync();
        var seen = await ProbeAsync("probe", """
            import os
            result = {}
            for fd in os.listdir("/proc/self/fd"):
                try:
                    result[fd] = os.readlink("/proc/self/fd/" + fd)
                except OSError:
                    pass
            """);

        seen!.AsObject().Where(fd => int.Parse(fd.Key, System.Globalization.CultureInfo.InvariantCulture) > 3).ShouldBeEmpty(seen.ToJsonString());
    }

    [Fact]
    public async Task NetworkNone_HasLoopbackOnly()
    {
        await Machine.NeedSandboxesAsync();
        const string code = """
            import socket
            names = [name for _, name in socket.if_nameindex()]
            try:
                socket.create_connection(("127.0.0.1", event["port"]), 2).close()
                reached = True
            except OSError:
                reached = False
            result = {"names": names, "reached": reached}
            """;
        var server = await shared.GetAsync();
        var port = new JsonObject { ["port"] = server.Port };

        var alone = await server.ProbeAsync("alone", code, port.DeepClone().AsObject());
        var host = await server.ProbeAsync("probe", code, port.DeepClone().AsObject());

        alone!["names"]!.AsArray().Select(static name => (string)name!).ShouldBe(["lo"]);
        ((bool)alone["reached"]!).ShouldBeFalse("the server is not in its namespace");
        ((bool)host!["reached"]!).ShouldBeTrue("the default is the host's network");
    }

    [Fact]
    public async Task Signals_ToProcessesOutside_HitNothing()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        var target = ProcessTable.Role(server.Command.Id, "server").Id;

        var seen = await server.ProbeAsync("probe", """
            import os
            try:
                os.kill(event["pid"], 0)
                result = "there"
            except OSError as e:
                result = type(e).__name__
            """, new JsonObject { ["pid"] = target });

        ((string?)seen).ShouldBeOneOf("ProcessLookupError", "PermissionError");
    }

    private async Task<JsonNode?> ProbeAsync(string function, string code) => await (await shared.GetAsync()).ProbeAsync(function, code);

    private static string Quote(string text) => $"\"{text}\"";
}
