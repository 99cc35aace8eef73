using System.Globalization;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>What a function may do: nothing that only a privileged program may, on either way of starting.</summary>
[Collection(IsolationServer.Collection)]
public sealed class IsolationRightsTests(IsolationServer isolation)
{
    public static TheoryData<Place> Places { get; } = new(Place.All);

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Start_IsTheOneThatIsProbed(Place place)
    {
        var seen = await isolation.RunAsync(place, Step.Read("/proc/self/cmdline"), Step.Read("/proc/1/comm"));

        var isOfStem = seen[0].Text().Contains("--stem\0", StringComparison.Ordinal) || seen[0].Text().Contains("/zygote.py\0", StringComparison.Ordinal);
        isOfStem.ShouldBe(place.Start == "stem", $"{seen[0].Text()} below {seen[1].Text()}");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task WhatWakes_PushesNobodyOffAProcessor(Place place)
    {
        // The 41st field, of which the name is the second.
        const int Policy = 41 - 3;
        const string Batch = "3";
        var fields = (await isolation.RunAsync(place, Step.Read("/proc/self/stat")))[0].Text();
        fields[(fields.LastIndexOf(')') + 2)..].Split(' ')[Policy].ShouldBe(Batch);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task SystemCalls_OfTheTable_AreRefused(Place place)
    {
        var attempts = Syscalls.All;
        var seen = await isolation.RunAsync(place, [.. attempts.Select(static attempt => Step.Call(attempt.Number, attempt.Arguments))]);

        var through = attempts.Zip(seen).Where(static pair => !pair.First.IsAnsweredBy(pair.Second["error"])).Select(static pair => $"{pair.First.Name}: {pair.Second.ToJsonString()}, expected {pair.First.Error}");

        string.Join('\n', through).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task FirstProcess_CannotBeTouched_OrIsNoMoreThanTheFunction(Place place)
    {
        const long thisFolder = -100;
        const long readAndWrite = 2;
        var isOurs = place is { Language: "python", Start: "stem" };
        var touches = await isolation.RunAsync(
            place,
            Step.Call(Syscalls.OpenAt, thisFolder, "/proc/1/mem", readAndWrite),
            Step.Call(Syscalls.OpenAt, thisFolder, "/proc/1/mem", 0),
            Step.Read("/proc/1/environ"),
            Step.Read("/proc/1/maps"),
            Step.List("/proc/1/fd"),
            Step.Link("/proc/1/root"),
            Step.Link("/proc/1/exe"),
            Step.Link("/proc/1/cwd"));
        await isolation.RunAsync(place, [.. touches.Take(2).Where(static touch => touch["error"] is null).Select(static touch => Step.Call(Syscalls.Close, (long)touch["ok"]!))]);
        if (Machine.IsRoot || isOurs)
        {
            foreach (var (index, touch) in touches.Index())
            {
                touch.ShouldBeRefused($"touch {index}");
            }
        }
        else
        {
            // There bubblewrap runs as the function's own user, behind the same walls.
            var status = (await isolation.RunAsync(place, Step.Read("/proc/1/status")))[0].Text();
            status.ShouldContain("Seccomp:\t2\n");
            status.ShouldContain("NoNewPrivs:\t1\n");
            System.Text.RegularExpressions.Regex.Count(status, "(?m)^Cap(Inh|Prm|Eff|Bnd|Amb):\t0{16}$").ShouldBe(5, status);
            touches[2].Text().ShouldNotContain(IsolationServer.Secret);
            var open = await isolation.RunAsync(place, [.. touches[4].Names().Select(static descriptor => Step.Link("/proc/1/fd/" + descriptor))]);
            open.Where(static link => link["error"] is null).ShouldAllBe(static link => link.Text() == "/dev/null" || link.Text().StartsWith("pipe:", StringComparison.Ordinal) || link.Text().StartsWith("anon_inode:", StringComparison.Ordinal));
        }

        // A signal from inside is either refused or comes to nothing.
        await isolation.RunAsync(place, Step.Call(Syscalls.Kill, 1, 9), Step.Call(Syscalls.Kill, 1, 15), Step.Call(Syscalls.Kill, 1, 19));
        (await isolation.RunAsync(place, Step.Read("/proc/1/stat")))[0].Text().ShouldMatch(@"^1 \(\S+\) S ");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Status_HasNoRights_NoGroups_AndAFilter(Place place)
    {
        var seen = await isolation.RunAsync(place, Step.Read("/proc/self/status"), Step.Read("/proc/self/limits"), Step.Read("/proc/self/oom_score_adj"), Step.Read("/proc/self/stat"), Step.Read("/proc/self/cgroup"), Step.Read("/proc/sys/kernel/hostname"));

        var status = seen[0].Text().Split('\n').Select(static line => line.Split(":\t", 2)).Where(static parts => parts.Length == 2).ToDictionary(static parts => parts[0], static parts => parts[1]);
        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            status[set].ShouldBe("0000000000000000", set);
        }

        status["NoNewPrivs"].ShouldBe("1");
        status["Seccomp"].ShouldBe("2");
        status["Umask"].ShouldBe("0022");
        status["SigBlk"].ShouldBe("0000000000000000");
        status["TracerPid"].ShouldBe("0");
        status["Uid"].Split('\t').Distinct().Single().ShouldBe(status["Gid"].Split('\t').Distinct().Single());
        if (Machine.IsRoot)
        {
            long.Parse(status["Uid"].Split('\t')[0], CultureInfo.InvariantCulture).ShouldBeGreaterThan(1_900_000_000);
            status["Groups"].Trim().ShouldBeEmpty();
        }

        var limits = seen[1].Text().Split('\n').Select(static line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Where(static parts => parts.Length > 2).ToDictionary(static parts => parts[0], static parts => (parts[1], parts[2]));
        limits["Max core file size"].ShouldBe(("0", "0"));
        limits["Max open files"].ShouldBe(("1024", "1024"));
        limits["Max nice priority"].ShouldBe(("0", "0"));
        limits["Max realtime priority"].ShouldBe(("0", "0"));

        // The kernel must be free to choose it when memory runs out.
        int.Parse(seen[2].Text(), CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);

        // Field 7: no terminal.
        seen[3].Text()[(seen[3].Text().LastIndexOf(')') + 2)..].Split(' ')[4].ShouldBe("0");
        seen[4].Text().Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(static line => line.EndsWith(":/", StringComparison.Ordinal), seen[4].Text());
        seen[5].Text().Trim().ShouldBe("sandbox");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task IgnoredSignals_AreThoseOfTheLanguageAlone(Place place)
    {
        var status = (await isolation.RunAsync(place, Step.Read("/proc/self/status")))[0].Text();
        var ignored = Convert.ToUInt64(status.Split('\n').Single(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[8..], 16);

        // SIGPIPE and SIGXFSZ by the interpreters; posix_spawn leaves those two ignored that are the C library's own.
        const ulong usual = (1UL << 12) | (1UL << 24) | (1UL << 31) | (1UL << 32);
        (ignored & ~usual).ShouldBe(0UL, status);
    }
}
