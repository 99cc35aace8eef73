using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>What functions reach over the network, probed from inside.</summary>
public sealed class NetworkTests(NetworkServer shared) : IClassFixture<NetworkServer>
{
    [Theory]
    [InlineData(Internet.Name)]
    [InlineData(Internet.Web)]
    public async Task WayOut_LeadsToTheWorld_ByNameAndByAddress(string host)
    {
        var answer = await ProbeAsync("open", $"result = fetch('http://{host}/')");

        ((int)answer![0]!).ShouldBe(200, answer.ToJsonString());
        ((string?)answer[1]).ShouldBe($"hello {Internet.Machine}", "the world sees the machine's address, not the sandbox's");
    }

    [Fact]
    public async Task WayOut_LeadsToNoServiceOfTheMachine()
    {
        var server = await shared.GetAsync();
        using var service = new TcpListener(IPAddress.Any, 0);
        service.Start();
        var port = ((IPEndPoint)service.LocalEndpoint).Port;
        var addresses = Internet.MachineAddresses();
        addresses.ShouldContain(Internet.Machine);
        var targets = string.Join(", ", addresses.Select(address => $"('{address}', {port}), ('{address}', {server.Port})"));

        var open = await ProbeAsync("open", $"result = [reach(*target) for target in [{targets}]]");
        var control = await ProbeAsync("shared", $"result = [reach(*target) for target in [{targets}]]");

        open!.AsArray().ShouldAllBe(static result => (string?)result != "reached");
        control!.AsArray().Count(static result => (string?)result == "reached").ShouldBe(addresses.Count, "the probe sees the service where it may");
    }

    [Fact]
    public async Task WayOut_LeadsNotToItsGateway()
    {
        await shared.GetAsync();
        using var service = new TcpListener(IPAddress.Any, 0);
        service.Start();

        var result = await ProbeAsync("open", $"""
            import struct
            routes = [line.split() for line in open("/proc/net/route").read().splitlines()[1:]]
            gateway = next(socket.inet_ntoa(struct.pack("<I", int(route[2], 16))) for route in routes if route[1] == "00000000")
            result = [gateway, reach(gateway, {((IPEndPoint)service.LocalEndpoint).Port})]
            """);

        ((string?)result![0]).ShouldStartWith("198.18.");
        ((string?)result[1]).ShouldNotBe("reached");
    }

    [Theory]
    [InlineData(Internet.LinkLocal)]
    [InlineData("169.254.169.254")]
    public async Task WayOut_LeadsNotToLinkLocalAddresses(string address)
    {
        (await ProbeAsync("open", $"result = reach('{address}', 80)"))!.GetValue<string>().ShouldNotBe("reached");
        if (address == Internet.LinkLocal)
        {
            (await ProbeAsync("shared", $"result = reach('{address}', 80)"))!.GetValue<string>().ShouldBe("reached", "it is there");
        }
    }

    [Fact]
    public async Task Neighbours_AreOutOfReach()
    {
        var own = await ProbeAsync("neighbour", """
            import threading
            listening = socket.create_server(("0.0.0.0", 8000))
            threading.Thread(target=lambda: [listening.accept() for _ in iter(int, 1)], daemon=True).start()
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            probe.connect(("203.0.113.80", 9))
            address = probe.getsockname()[0]
            result = [address, reach(address, 8000)]
            """);
        ((string?)own![1]).ShouldBe("reached", "it listens");

        var address = (string?)own[0];
        (await ProbeAsync("open", $"result = [reach('{address}', 8000), reach('{address}', 9001), reach('{address}', 4566)]"))!
            .AsArray().ShouldAllBe(static result => (string?)result != "reached");
    }

    [Fact]
    public async Task NetworkOfItsOwn_HasNothingOfVersion6()
    {
        var seen = await ProbeAsync("open", "result = [line.split()[-1] for line in open('/proc/net/if_inet6')]");
        seen!.AsArray().Select(static name => (string)name!).ShouldAllBe(static name => name == "lo");
    }

    [Fact]
    public async Task NoNetwork_LeadsNowhere()
    {
        var result = await ProbeAsync("shut", $"result = [open('/proc/net/dev').read().count(':'), reach('{Internet.Web}', 80), reach('{Internet.Machine}', 80)]");
        result!.ToJsonString().ShouldBe("""[1,"OSError","OSError"]""");
    }

    [Theory]
    [InlineData("open")]
    [InlineData("shut")]
    public async Task Doors_AnswerInside_WithoutAKey(string function)
    {
        var result = await ProbeAsync(function, """
            import os
            door = os.environ["AWS_ENDPOINT_URL"]
            invoked = fetch(door + "/2015-03-31/functions/shared/invocations", "POST", b'{"code": "result = 42"}')
            result = [door, invoked]
            """);
        result!.ToJsonString().ShouldBe("""["http://127.0.0.1:4566",[200,"42"]]""");
    }

    [Theory]
    [InlineData("open")]
    [InlineData("shut")]
    public async Task Doors_TakeAFunctionForItself_WhateverItSignsWith(string function)
    {
        const string Foreign = "Credential=111122223333/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00";
        var names = await ProbeAsync(function, $$"""
            import json
            answer = fetch("http://127.0.0.1:4566/2015-03-31/functions", headers={"Authorization": "AWS4-HMAC-SHA256 {{Foreign}}"})
            result = [function["FunctionName"] for function in json.loads(answer[1])["Functions"]]
            """);
        names!.AsArray().Select(static name => (string)name!).ShouldContain(function, "its own account has it");
    }

    [Theory]
    [InlineData("/_mayfly/api/functions", 403)]
    [InlineData("/_mayfly/health", 403)]
    [InlineData("/2018-06-01/runtime/invocation/next", 404)]
    public async Task Doors_KeepFunctionsFromTheAdminApi(string path, int status)
    {
        foreach (var function in new[] { "open", "shut" })
        {
            var answer = await ProbeAsync(function, $"result = fetch('http://127.0.0.1:4566{path}')");
            ((int)answer![0]!).ShouldBe(status, answer.ToJsonString());
        }
    }

    [Theory]
    [InlineData("openshell")]
    [InlineData("shutshell")]
    public async Task RuntimeApi_AnswersInside(string function)
    {
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();
        (await server.InvokeAsync(function)).Payload.ShouldBe("\"127.0.0.1:9001\"");
    }

    [Theory]
    [InlineData("openweb")]
    [InlineData("shutweb")]
    public async Task HttpServer_IsReachedInItsOwnNetwork(string function)
    {
        var server = await shared.GetAsync();
        (await server.Http.GetStringAsync($"/_url/{function}/", TestContext.Current.CancellationToken)).ShouldBe("hello from inside");
    }

    private async Task<JsonNode?> ProbeAsync(string function, string code) => await (await shared.GetAsync()).ProbeAsync(function, code);
}
