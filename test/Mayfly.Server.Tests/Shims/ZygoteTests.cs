using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mayfly.Server.Tests.Shims;

/// <summary>What a function in a stem sees and may do, from inside; and what its sandbox's end looks like from outside.</summary>
public sealed class ZygoteTests(ZygoteRun run) : IClassFixture<ZygoteRun>
{
    public static TheoryData<string> Modes { get; } = ["root", "user"];

    private Task<JsonElement> Seen(string mode) => mode == "root" ? run.AsRoot : run.AsUser;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stem_is_sealed(string mode)
    {
        var see = (await Seen(mode)).GetProperty("see");
        see.GetProperty("status").GetRawText().ShouldBe(
            """{"CapEff": "0000000000000000", "CapPrm": "0000000000000000", "CapInh": "0000000000000000", "CapBnd": "0000000000000000", "CapAmb": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2"}""");
        see.GetProperty("unshare").GetInt32().ShouldBe(1, "EPERM");
        see.GetProperty("sysctl").GetString().ShouldBe("Permission denied");
        foreach (var path in see.GetProperty("hidden").EnumerateObject())
        {
            path.Value.GetRawText().ShouldBeOneOf("\"Permission denied\"", "[]");
        }

        foreach (var path in see.GetProperty("writes").EnumerateObject())
        {
            path.Value.GetString().ShouldBe(path.Name == "/tmp" ? "done" : "Read-only file system", path.Name);
        }

        see.GetProperty("tmp bytes").GetInt64().ShouldBe(16 << 20);
        see.GetProperty("groups").GetArrayLength().ShouldBe(0);
        see.GetProperty("user").GetString().ShouldBe("sbx_user");
        see.GetProperty("hostname").GetString().ShouldBe("sandbox");
        see.GetProperty("descriptors").GetRawText().ShouldBe("[0, 1, 2, 3]");
        see.GetProperty("open").GetInt32().ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_a_library_that_was_loaded_ahead_reads_random_numbers_from_is_there_in_a_stem(string mode)
    {
        var seen = await Seen(mode);
        seen.GetProperty("random").GetRawText().ShouldBe("""["/dev/urandom", 8, ["0", "1", "2", "3", "6"]]""");

        // Any other open file would be shared by all: there is no such zygote.
        seen.GetProperty("file kept open").GetString().ShouldStartWith("the zygote ended");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Stems_are_alone_and_their_first_process_is_out_of_reach(string mode)
    {
        var seen = await Seen(mode);
        var (see, other) = (seen.GetProperty("see"), seen.GetProperty("other"));
        see.GetProperty("pid").GetInt32().ShouldBe(2);
        see.GetProperty("parent").GetInt32().ShouldBe(0, "it is the zygote, which is not seen");
        see.GetProperty("processes").GetRawText().ShouldBe("[1, 2]");
        see.GetProperty("alive").GetBoolean().ShouldBeTrue();
        see.GetProperty("first process").GetProperty("memory").GetString().ShouldBe("Permission denied");
        see.GetProperty("first process").GetProperty("status").GetString().ShouldBe("Permission denied");
        see.GetProperty("dumpable").GetInt32().ShouldBe(1);
        if (mode == "root")
        {
            see.GetProperty("uid").GetInt64().ShouldNotBe(other.GetProperty("uid").GetInt64());
        }

        // The other one's file would be there, if they shared the folder.
        other.GetProperty("tmp").GetRawText().ShouldBe("""["x"]""");
        other.GetProperty("writes").GetProperty("/tmp").GetString().ShouldBe("done");
        seen.GetProperty("network").GetRawText().ShouldBe("""["lo"]""");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stem_becomes_what_a_start_would_have_made(string mode)
    {
        var seen = await Seen(mode);
        var (see, other) = (seen.GetProperty("see"), seen.GetProperty("other"));
        // Of all that a program can tell of its start, with settings that are not the usual ones.
        seen.GetProperty("differences").GetRawText().ShouldBe("{}");
        var environment = see.GetProperty("environment").EnumerateObject().Select(v => $"{v.Name}={v.Value}").Order().ToList();
        environment.ShouldContain("COLOUR=blue");
        environment.ShouldNotContain(v => v.StartsWith("SECRET", StringComparison.Ordinal));
        see.GetProperty("C environment").EnumerateArray().Select(v => v.GetString()!).Where(v => v.Length > 0).Order().ShouldBe(environment);
        other.GetProperty("environment").TryGetProperty("COLOUR", out _).ShouldBeFalse();
        see.GetProperty("cwd").GetString().ShouldBe("/var/task");
        see.GetProperty("main").GetString().ShouldBe("/var/runtime/mayfly_shim.py");
        see.GetProperty("argv").GetRawText().ShouldBe("""["/var/runtime/mayfly_shim.py"]""");
        see.GetProperty("path").EnumerateArray().First().GetString().ShouldBe("/var/task");
        see.GetProperty("tz").GetString().ShouldBe("UTC");
        see.GetProperty("encoding").GetString().ShouldBe("utf-8");
        see.GetProperty("interrupt").GetString().ShouldBe("<built-in function default_int_handler>");
        foreach (var chance in new[] { "random", "uuid" })
        {
            see.GetProperty(chance).GetRawText().ShouldNotBe(other.GetProperty(chance).GetRawText());
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stem_that_nobody_calls_gives_memory_back_and_loses_nothing(string mode)
    {
        var seen = await Seen(mode);
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "there is no program for this processor that gives memory back");
        seen.GetProperty("rests").GetRawText().ShouldBe("""[["one"], ["one", "a signal", "two"], ["one", "a signal", "two", "a signal", "three"]]""");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_module_of_the_function_wins_over_one_that_was_loaded_ahead(string mode)
    {
        var seen = await Seen(mode);
        // Also for the library's modules that use it. What the shim itself needs is there before the function, as on a start.
        seen.GetProperty("shadowed").GetRawText().ShouldBe("""["the function's", true, "the shim's"]""");
        seen.GetProperty("shadow log").GetString()!.ShouldMatch(@"^\[WARNING\]\t[^\t]+\tr-1\tseen\n$");
        seen.GetProperty("logged").GetString()!.ShouldMatch("""^\{"timestamp": "[^"]+", "level": "WARNING", "message": "careful", "logger": "root", "requestId": "r-1"\}\nplain\n$""");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Every_end_is_told_and_nothing_stays_behind(string mode)
    {
        var seen = await Seen(mode);
        seen.GetProperty("stopped").GetInt32().ShouldBe(0);
        seen.GetProperty("exits").GetInt32().ShouldBe(7);
        seen.GetProperty("dies").GetInt32().ShouldBe(128 + 9);
        seen.GetProperty("without server").GetInt32().ShouldBe(0);
        seen.GetProperty("quiet").GetString().ShouldBe("");
        seen.GetProperty("orphans").GetRawText().ShouldBe("\"reaped\"");
        seen.GetProperty("killed tree").GetBoolean().ShouldBeTrue();
        seen.GetProperty("dies with zygote").GetBoolean().ShouldBeTrue();
        seen.GetProperty("cell failure").GetString()!.ShouldStartWith("[Errno 22] mount: ");
        seen.GetProperty("set-up failure").EnumerateArray().ElementAt(1).GetInt32().ShouldBe(125);
        seen.GetProperty("set-up failure").EnumerateArray().Last().GetString()!.ShouldStartWith("mayfly: the sandbox cannot be made: ");
        seen.GetProperty("after a failure").GetInt32().ShouldBe(2);
        seen.GetProperty("closed").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Forks_of_a_template_start_initialised_and_part_ways()
    {
        var seen = await run.Template;
        seen.GetProperty("reason").GetString().ShouldBe("");
        var forks = seen.GetProperty("answers").EnumerateArray().ToList();
        forks.Select(f => f.GetProperty("name").GetString()).ShouldBe(["one", "two"]);
        forks.ShouldAllBe(f => f.GetProperty("seen").GetRawText() == """["first", "second", "restored"]""");
        forks.ShouldAllBe(f => f.GetProperty("init").GetString() == $"init {seen.GetProperty("template").GetInt32()}");
        forks.Select(f => f.GetProperty("pid").GetInt32()).ShouldBe(seen.GetProperty("pids").EnumerateArray().Select(p => p.GetInt32()));
        forks.Select(f => f.GetProperty("random").GetDouble()).ShouldBeUnique();
        forks.Select(f => f.GetProperty("uuid").GetString()).ShouldBeUnique();

        // Each has its own place in a file that was open, and none a connection that was.
        forks.ShouldAllBe(f => f.GetProperty("read").GetString() == "ort" && f.GetProperty("sent").ValueKind == JsonValueKind.String);
        forks.ShouldAllBe(f => !f.GetProperty("template").GetBoolean());
        seen.GetProperty("ends alone").GetBoolean().ShouldBeTrue();
        seen.GetProperty("status").GetString().ShouldBe("00000000");
        seen.GetProperty("later").GetString().ShouldBe("three");
        seen.GetProperty("template ends").GetInt32().ShouldBe(0);
        seen.GetProperty("outlives").GetInt32().ShouldBe(4);
    }

    [Fact]
    public async Task A_template_with_threads_serves_itself_and_a_hook_that_fails_is_an_init_error()
    {
        var seen = await run.Template;
        seen.GetProperty("threads").GetString().ShouldBe("it runs 2 threads");
        seen.GetProperty("normal instance").GetProperty("seen").GetRawText().ShouldBe("""["first", "second", "restored"]""");
        seen.GetProperty("normal instance").GetProperty("sent").GetInt32().ShouldBe(1);
        seen.GetProperty("normal end").GetInt32().ShouldBe(0);
        seen.GetProperty("broken hook").GetProperty("errorType").GetString().ShouldBe("Runtime.AfterRestoreError");
        seen.GetProperty("broken hook").GetProperty("errorMessage").GetString().ShouldBe("ZeroDivisionError: division by zero");
    }
}
