using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>What a function sees of others: no process, no file, no socket, no variable, whichever way it was started.</summary>
[Collection(IsolationServer.Collection)]
public sealed class IsolationSightTests(IsolationServer isolation)
{
    private static readonly string[] Foreign = [IsolationServer.Secret, "of neighbour", "mayfly.dll", "sandboxd"];

    public static TheoryData<Place> Places { get; } = new(Place.All);

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Processes_AreItsOwn(Place place)
    {
        var server = await isolation.GetAsync(place);
        await LeaveAsync(server, place);

        var seen = await isolation.RunAsync(place, Step.List("/proc"), Step.Link("/proc/self"));
        var pids = seen[0].Names().Where(static name => name.All(char.IsAsciiDigit)).ToList();

        // The first process, the program, a wrapper that it may have, and a child that probes.
        pids.Count.ShouldBeLessThanOrEqualTo(4, string.Join(' ', pids));
        foreach (var pid in pids)
        {
            var files = new[] { "cmdline", "environ", "maps", "mountinfo", "stat" };
            var texts = await isolation.RunAsync(place, [.. files.Select(file => Step.Read($"/proc/{pid}/{file}"))]);
            foreach (var (file, text) in files.Zip(texts).Where(static pair => pair.Second["error"] is null))
            {
                Foreign.Where(trace => text.Text().Contains(trace, StringComparison.Ordinal)).ShouldBeEmpty($"{pid}/{file}: {text.Text()}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Environment_IsItsOwn(Place place)
    {
        var seen = await isolation.RunAsync(place, Step.Environment(), Step.Read("/proc/self/environ"));

        var variables = seen[0]["ok"]!.AsObject();
        ((string?)variables["SECRET"]).ShouldBe($"of {place.Name}");
        variables.ToJsonString().ShouldNotContain(IsolationServer.Secret);
        ((string?)variables["HOME"]).ShouldBe("/tmp");
        string[] ofHost = ["HOST_SECRET", "USER", "LOGNAME", "SUDO_USER", "DOTNET_CLI_HOME", "LISTEN_FDS", "NOTIFY_SOCKET"];
        variables.Select(static one => one.Key).Intersect(ofHost).ShouldBeEmpty();
        if (place.Start == "stem")
        {
            // What stands where the environment stood at the start was there before the function came.
            seen[1].Text().ShouldNotContain("SECRET");
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_OfOthers_AreNotThere(Place place)
    {
        var server = await isolation.GetAsync(place);
        string[] paths =
        [
            .. new[] { "", "/.mayfly", "/.mayfly/store", "/.mayfly/store/code", "/.mayfly/prepared", "/probe" }.Select(path => server.Folder + path),
            "/etc/shadow", "/etc/ssh", "/etc/sudoers", "/etc/machine-id", "/run", "/var/run", "/var/log", "/var/lib", "/var/tmp", "/sys", "/boot", "/srv", "/mnt", "/media", "/work",
            "/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/mayfly", "/oldroot", "/newroot",
            "/proc/1/root/etc/shadow", "/proc/self/root/etc/shadow", "/proc/self/cwd/../../etc/shadow",
        ];

        var lists = await isolation.RunAsync(place, [.. paths.Select(static path => Step.List(path))]);
        var reads = await isolation.RunAsync(place, [.. paths.Select(static path => Step.Read(path, 1))]);

        foreach (var (path, index) in paths.Select(static (path, index) => (path, index)))
        {
            // Folders above an interpreter's own place are there, and nothing else is in them.
            var names = lists[index]["error"] is null ? lists[index].Names() : [];
            names.Except(await WayToInterpretersAsync(server, path)).ShouldBeEmpty(path);
            reads[index].ShouldBeRefused(path);
        }

        var homes = await isolation.RunAsync(place, Step.List("/root"), Step.List("/home"), Step.List("/"), Step.List("/tmp"), Step.List("/opt"), Step.List("/dev/shm"), Step.List("/var"));
        foreach (var home in homes.Take(2).Where(static home => home["error"] is null))
        {
            home.Names().ShouldNotContain(".ssh");
            home.Names().ShouldNotContain(".bashrc");
        }

        homes[2].Names().Except(["bin", "sbin", "lib", "lib32", "lib64", "usr", "etc", "proc", "dev", "tmp", "opt", "var", "root", "home"]).ShouldBeEmpty();
        homes[3].Names().Where(static name => !name.StartsWith("clr-debug-pipe", StringComparison.Ordinal)).ShouldBeEmpty();
        homes[4].Names().ShouldBeEmpty();
        if (homes[5]["error"] is null)
        {
            homes[5].Names().ShouldBeEmpty();
        }

        homes[6].Names().Order().ShouldBe(place.Language == "provided" ? ["task"] : ["runtime", "task"]);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Neighbour_OfTheSameKind_LeavesNothingToSee(Place place)
    {
        const long notFound = 2;
        var server = await isolation.GetAsync(place);
        var (name, left) = await LeaveAsync(server, place);

        var seen = await isolation.RunAsync(
            place,
            Step.Read("/tmp/" + name),
            Step.Unix($"/tmp/{name}.sock"),
            Step.Call(Syscalls.SharedMemory, 0x6D617966, 0, 0),
            Step.Unix("@" + name),
            Step.Read("/proc/net/unix"),
            Step.Read("/proc/sysvipc/shm"));

        seen[0].ShouldBeRefused("a file in /tmp");
        seen[1].ShouldBeRefused("a socket in /tmp");
        seen[2]["error"]?.GetValue<long>().ShouldBe(notFound, seen[2].ToJsonString());
        seen[5].Text().ShouldNotContain(0x6D617966.ToString(CultureInfo.InvariantCulture));
        if (place.IsPrivate)
        {
            seen[3].ShouldBeRefused("an abstract socket");
            seen[4].Text().ShouldNotContain(name);
            if ((string?)left["address"] is { } address)
            {
                (await isolation.RunAsync(place, Step.Talk(address, (int)left["port"]!)))[0].ShouldBeRefused("a port of a neighbour");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Sockets_OfTheHost_AreOutOfReach(Place place)
    {
        var name = "mayfly-host-" + Guid.NewGuid().ToString("N");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();
        var server = await isolation.GetAsync(place);

        var seen = await isolation.RunAsync(place, Step.Unix("@" + name), Step.Unix(Path.Combine(server.Folder, ".mayfly/store/sandboxd.sock"), packets: true), Step.Unix("/run/docker.sock"), Step.Unix("/run/dbus/system_bus_socket"));

        // Abstract names belong to a network: who has the machine's has them too.
        (seen[0]["error"] is null).ShouldBe(!place.IsPrivate, seen[0].ToJsonString());
        foreach (var socket in seen.Skip(1))
        {
            socket.ShouldBeRefused("a socket of the host");
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Descriptors_AreThoseOfTheContract_AndTheInterpretersOwn(Place place)
    {
        var descriptors = (await isolation.RunAsync(place, Step.List("/proc/self/fd")))[0].Names();
        var links = await isolation.RunAsync(place, [.. descriptors.Select(static descriptor => Step.Link("/proc/self/fd/" + descriptor))]);
        var targets = descriptors.Zip(links).Where(static pair => pair.Second["error"] is null).ToDictionary(static pair => int.Parse(pair.First, CultureInfo.InvariantCulture), static pair => pair.Second.Text());

        targets[0].ShouldBe("/dev/null");
        targets[1].ShouldStartWith("pipe:");
        targets[2].ShouldStartWith("pipe:");
        foreach (var (number, target) in targets.Where(static pair => pair.Key > 2))
        {
            IsOwn(place.Language, number, target).ShouldBeTrue($"{number} → {target}");
        }
    }

    private static bool IsOwn(string language, int number, string target) => language switch
    {
        "python" => number == 3 && target.StartsWith("socket:", StringComparison.Ordinal),
        "provided" => number == 3 && target.StartsWith("socket:", StringComparison.Ordinal),

        // Event loops, threads' own pipes, and the files that the interpreter runs; never a folder or a file of others.
        _ => target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal) || target.StartsWith("anon_inode:[event", StringComparison.Ordinal)
            || target.StartsWith("anon_inode:[io_uring", StringComparison.Ordinal) || target.StartsWith("/memfd:doublemapper", StringComparison.Ordinal) || target is "/dev/null" or "/dev/urandom"
            || target.StartsWith("/proc/", StringComparison.Ordinal) || target.StartsWith("/usr/", StringComparison.Ordinal) || target.StartsWith("/var/task", StringComparison.Ordinal) || target.StartsWith("/var/runtime", StringComparison.Ordinal),
    };

    private static async Task<(string Name, JsonObject Left)> LeaveAsync(MayflyServer server, Place place)
    {
        var name = "neighbour-" + Guid.NewGuid().ToString("N");
        var left = (await IsolationServer.RunAsync(server, "neighbour-" + place.Network, Step.Leave(name)))[0];
        left["error"].ShouldBeNull(left.ToJsonString());
        return (name, left["ok"]!.AsObject());
    }

    private static async Task<IReadOnlyList<string>> WayToInterpretersAsync(MayflyServer server, string path)
    {
        // Prefixes of interpreters are mounted where they lie, with the folders above them.
        var table = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(server.Folder, ".mayfly/prepared/interpreters.json")))!.ToJsonString();
        return [.. table.Split('"').Where(text => text.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)).Select(text => text[(path.TrimEnd('/').Length + 1)..].Split('/')[0]).Distinct()];
    }
}
