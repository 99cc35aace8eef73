using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>
/// A network namespace that plays the internet, at the other end of a cable to this machine: a web server and a name
/// server, at addresses that are kept for documentation. Traffic of the tests goes nowhere else.
/// </summary>
public sealed class Internet : IAsyncDisposable
{
    /// <summary>Where the web server is.</summary>
    public const string Web = "203.0.113.80";

    /// <summary>Where the name server is.</summary>
    public const string Names = "203.0.113.53";

    /// <summary>This machine's own address on the cable.</summary>
    public const string Machine = "203.0.113.1";

    /// <summary>A link-local address behind the cable, served like the others.</summary>
    public const string LinkLocal = "169.254.77.77";

    /// <summary>The only name that there is; it leads to <see cref="Web"/>.</summary>
    public const string Name = "hello.example";

    private readonly string _namespace = $"mf-test-{Environment.ProcessId}";
    private readonly string _cable = $"mft{Environment.ProcessId}";
    private readonly List<Process> _servers = [];

    private Internet()
    {
    }

    /// <summary>Sets it up; the test is skipped where that is not possible.</summary>
    public static async Task<Internet> NeedAsync()
    {
        Assert.SkipUnless(Harness.Machine.IsRoot, "a network with a way out needs root");
        Harness.Machine.Need("ip", "iproute2");
        Harness.Machine.Need("python3", "python3");
        await Harness.Machine.NeedSandboxesAsync();
        var internet = new Internet();
        try
        {
            await internet.SetUpAsync();
            return internet;
        }
        catch
        {
            await internet.DisposeAsync();
            throw;
        }
    }

    /// <summary>All addresses of version 4 by which this machine is reached from elsewhere.</summary>
    public static IReadOnlyList<string> MachineAddresses() =>
    [
        .. System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .Where(static each => !each.Name.StartsWith("mayfly", StringComparison.Ordinal))
            .SelectMany(static each => each.GetIPProperties().UnicastAddresses)
            .Select(static each => each.Address)
            .Where(static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
            .Select(static address => address.ToString()),
    ];

    /// <summary>What is set up in this machine's network, as one text to compare.</summary>
    public static async Task<string> SetUpOfMachineAsync() =>
        (await Tool.RunAsync(Harness.Machine.Find("python3")!, [Fixture("left.py")])).ShouldSucceed().Text;

    /// <summary>The words before a command that see another <c>resolv.conf</c>, and no resolver that stands behind it.</summary>
    public static string[] WithResolver(string file) =>
    [
        Harness.Machine.Need("unshare", "util-linux"), "--mount", "--", "/bin/sh", "-c",
        """
        at=$(readlink -f /etc/resolv.conf)
        [ -d /run/systemd/resolve ] && mount -t tmpfs none /run/systemd/resolve && touch "$at"
        mount --bind "$0" "$at" && exec "$@"
        """, file,
    ];

    /// <summary>Starts a name server on this machine's loopback, as a local resolver does.</summary>
    public async Task StartLocalResolverAsync(string address) => await StartAsync([Harness.Machine.Find("python3")!, Fixture("internet.py"), "names", address, Web]);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }

        await Tool.RunAsync(Harness.Machine.Find("ip")!, ["link", "delete", _cable]);
        await Tool.RunAsync(Harness.Machine.Find("ip")!, ["netns", "delete", _namespace]);
    }

    private async Task SetUpAsync()
    {
        string[] inside = ["netns", "exec", _namespace, "ip"];
        await IpAsync("netns", "add", _namespace);
        await IpAsync("link", "add", _cable, "type", "veth", "peer", "name", "uplink", "netns", _namespace);
        await IpAsync("address", "add", Machine + "/24", "dev", _cable);
        await IpAsync("link", "set", _cable, "up");
        await IpAsync([.. inside, "link", "set", "lo", "up"]);
        await IpAsync([.. inside, "link", "set", "uplink", "up"]);
        foreach (var address in new[] { Web + "/24", Names + "/24", LinkLocal + "/32" })
        {
            await IpAsync([.. inside, "address", "add", address, "dev", "uplink"]);
        }

        await IpAsync("route", "add", LinkLocal, "dev", _cable);
        string[] python = [Harness.Machine.Find("ip")!, "netns", "exec", _namespace, Harness.Machine.Find("python3")!, Fixture("internet.py")];
        await StartAsync([.. python, "web", "0.0.0.0"]);
        await StartAsync([.. python, "names", Names, Web]);
    }

    private async Task StartAsync(string[] command)
    {
        var started = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        _servers.Add(started);
        (await started.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("listening");
    }

    private static async Task IpAsync(params string[] words) => (await Tool.RunAsync(Harness.Machine.Find("ip")!, words)).ShouldSucceed();

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures/networks", name);
}
