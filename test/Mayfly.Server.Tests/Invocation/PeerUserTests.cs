using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>Who is at the other end of a connection on the loopback.</summary>
public sealed class PeerUserTests
{
    private static uint Own => uint.Parse(File.ReadLines("/proc/self/status").Single(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);

    public static TheoryData<string> Loopbacks { get; } = ["127.0.0.1", "::1"];

    [Theory]
    [MemberData(nameof(Loopbacks))]
    public async Task Open_IsTheUserWhoHoldsIt(string loopback)
    {
        using var pair = await ConnectAsync(loopback);

        PeerUser.Of(pair.Accepted).ShouldBe(Own);
    }

    [Fact]
    public async Task OpenThroughASocketOfVersion6_IsTheUserWhoHoldsIt()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        using var pair = await ConnectAsync("127.0.0.1", new TcpClient(AddressFamily.InterNetworkV6) { Client = { DualMode = true } });

        pair.Accepted.AddressFamily.ShouldBe(AddressFamily.InterNetwork);
        PeerUser.Of(pair.Accepted).ShouldBe(Own);
    }

    [Fact]
    public async Task ClosedByUs_IsNobody()
    {
        using var pair = await ConnectAsync("127.0.0.1");
        pair.Accepted.Dispose();

        PeerUser.Of(pair.Accepted).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Loopbacks))]
    public async Task Closed_IsNobody_ThoughTheKernelSaysRoot(string loopback)
    {
        using var pair = await ConnectAsync(loopback);
        pair.Client.Client.Send("a request"u8);

        pair.Client.Dispose();

        BecomesNobody(pair.Accepted);
    }

    [Theory]
    [MemberData(nameof(Loopbacks))]
    public async Task Reset_IsNobody(string loopback)
    {
        using var pair = await ConnectAsync(loopback);

        pair.Client.Client.LingerState = new(true, 0);
        pair.Client.Dispose();

        BecomesNobody(pair.Accepted);
    }

    // A program that another test starts in this moment has a copy of the socket until it runs.
    private static void BecomesNobody(Socket connection) =>
        SpinWait.SpinUntil(() => PeerUser.Of(connection) is null, TimeSpan.FromSeconds(20)).ShouldBeTrue();

    private static async Task<Pair> ConnectAsync(string loopback, TcpClient? client = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the table of connections is Linux's");
        var address = IPAddress.Parse(loopback);
        Assert.SkipWhen(address.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6, "this machine has no IPv6");
        using var listener = new TcpListener(address, 0);
        listener.Start();
        var accepting = listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        client ??= new(address.AddressFamily);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        return new(client, await accepting);
    }

    private sealed record Pair(TcpClient Client, Socket Accepted) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Accepted.Dispose();
        }
    }
}
