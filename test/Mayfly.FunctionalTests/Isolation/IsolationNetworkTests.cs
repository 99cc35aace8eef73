using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>What a function reaches over its network: its own doors, and nothing of the machine, of neighbours or of the cloud below.</summary>
[Collection(IsolationServer.Collection)]
public sealed class IsolationNetworkTests(IsolationServer isolation)
{
    private const int RuntimeApiPort = 9001;
    private const int DoorsPort = 4566;

    public static TheoryData<Place> Places { get; } = new(Place.All);

    public static TheoryData<Place> PrivatePlaces { get; } = new(Place.All.Where(static place => place.IsPrivate));

    [Theory]
    [MemberData(nameof(Places))]
    public async Task AdminApi_RefusesFunctions(Place place)
    {
        Assert.SkipUnless(place.IsPrivate || Machine.IsRoot, "an ordinary user's functions are that user, on the machine's network");
        var server = await isolation.GetAsync(place);
        string[] paths = ["/_mayfly/api/functions", "/_mayfly/api/stems", "/_mayfly/health", "/_mayfly/"];
        var port = place.IsPrivate ? DoorsPort : server.Port;

        var seen = await isolation.RunAsync(place, [.. paths.Select(path => Step.Get("127.0.0.1", port, path))]);

        foreach (var answer in seen)
        {
            answer.Text().ShouldStartWith("HTTP/1.1 403 ");
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task RuntimeApi_OfANeighbour_DoesNotAnswer(Place place)
    {
        Assert.SkipUnless(place.IsPrivate || Machine.IsRoot, "an ordinary user's functions are that user, on the machine's network");
        var neighbour = new Place("provided", "exec", place.Network);
        Assert.SkipWhen(place == neighbour, "it is its own");
        var where = (await isolation.RunAsync(neighbour, Step.Environment()))[0]["ok"]!["AWS_LAMBDA_RUNTIME_API"]!.GetValue<string>().Split(':');

        var seen = await isolation.RunAsync(place, Step.Get(where[0], int.Parse(where[1], System.Globalization.CultureInfo.InvariantCulture), "/2018-06-01/runtime/invocation/next"));

        // It is refused, closed without a word, or is this function's own, which has nothing to give to the shim's contract.
        ((string?)seen[0]["ok"] ?? "").ShouldNotContain("Lambda-Runtime-Aws-Request-Id");
        (await isolation.RunAsync(neighbour, Step.Environment()))[0]["ok"].ShouldNotBeNull("the neighbour works on");
    }

    [Theory]
    [MemberData(nameof(PrivatePlaces))]
    public async Task ServicesOfTheMachine_AreOutOfReach(Place place)
    {
        using var service = new TcpListener(IPAddress.Any, 0);
        service.Start();
        var port = ((IPEndPoint)service.LocalEndpoint).Port;
        var server = await isolation.GetAsync(place);
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(static one => one.GetIPProperties().UnicastAddresses)
            .Where(static one => one.Address.AddressFamily == AddressFamily.InterNetwork).Select(static one => one.Address.ToString()).Where(static address => !address.StartsWith("127.", StringComparison.Ordinal)).Distinct().Take(2).Append("127.0.0.1").ToList();

        var seen = await isolation.RunAsync(place, [.. addresses.Select(address => Step.Talk(address, port)), Step.Talk("127.0.0.1", server.Port)]);

        foreach (var (answer, index) in seen.Select(static (answer, index) => (answer, index)))
        {
            answer.ShouldBeRefused(addresses[Math.Min(index, addresses.Count - 1)]);
        }
    }

    [Theory]
    [MemberData(nameof(PrivatePlaces))]
    public async Task LinkLocalAndMetadata_AreOutOfReach(Place place)
    {
        // Each costs the second that a probe waits for what is dropped.
        string[] addresses = ["169.254.169.254", "100.100.100.200", "255.255.255.255", "0.0.0.0"];

        var seen = await isolation.RunAsync(place, [.. addresses.Select(static address => Step.Talk(address, 80))]);

        foreach (var (answer, index) in seen.Select(static (answer, index) => (answer, index)))
        {
            answer.ShouldBeRefused(addresses[index]);
        }
    }

    [Theory]
    [MemberData(nameof(PrivatePlaces))]
    public async Task Interfaces_AreTheLoopbackAndAtMostAWayOut(Place place)
    {
        var lines = (await isolation.RunAsync(place, Step.Read("/proc/net/dev")))[0].Text().Split('\n').Where(static line => line.Contains(':')).Select(static line => line.Split(':')[0].Trim()).ToList();

        lines.ShouldContain("lo");
        lines.Count.ShouldBe(place.Network == "none" ? 1 : 2, string.Join(' ', lines));

        // Listeners: the doors and the Runtime API, and what relays names where the machine's resolver listens on itself alone.
        var listening = (await isolation.RunAsync(place, Step.Read("/proc/net/tcp")))[0].Text().Split('\n').Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static fields => fields.Length > 3 && fields[3] == "0A").Select(static fields => Convert.ToInt32(fields[1].Split(':')[1], 16)).Distinct().Order().ToList();
        listening.Except([53]).ShouldBe([DoorsPort, RuntimeApiPort]);
    }
}
