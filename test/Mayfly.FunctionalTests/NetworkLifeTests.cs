using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>What networks with a way out need of the machine, and that nothing of it stays.</summary>
public sealed class NetworkLifeTests
{
    private const string UsesTheWorld = $"result = fetch('http://{Internet.Web}/')";

    [Fact]
    public async Task Stop_LeavesTheMachineAsItWas()
    {
        await using var internet = await Internet.NeedAsync();
        using var project = NetworkServer.Write(new());
        var before = await Internet.SetUpOfMachineAsync();
        await using (var server = await MayflyServer.UpAsync(project.Path))
        {
            await AsksTheWorldAsync(server);
            (await Internet.SetUpOfMachineAsync()).ShouldNotBe(before, "this test sees what is set up");
        }

        await IsAsBeforeAsync(before);
    }

    [Fact]
    public async Task TwoServers_LeaveEachOtherTheirWayOut()
    {
        await using var internet = await Internet.NeedAsync();
        using var first = NetworkServer.Write(new());
        using var second = NetworkServer.Write(new());
        var before = await Internet.SetUpOfMachineAsync();
        await using (var staying = await MayflyServer.UpAsync(second.Path))
        {
            await using (var going = await MayflyServer.UpAsync(first.Path))
            {
                await AsksTheWorldAsync(going);
                await AsksTheWorldAsync(staying);
            }

            await AsksTheWorldAsync(staying);
        }

        await IsAsBeforeAsync(before);
    }

    [Fact]
    public async Task Sandboxd_Killed_IsFollowedByOneThatWorksAndClearsUp()
    {
        await using var internet = await Internet.NeedAsync();
        using var project = NetworkServer.Write(new());
        var before = await Internet.SetUpOfMachineAsync();
        await using (var server = await MayflyServer.UpAsync(project.Path))
        {
            await AsksTheWorldAsync(server);
            var killed = ProcessTable.Role(server.Command.Id, "sandboxd").Id;
            Kill("KILL", killed);

            // The instance of the killed one may answer for a moment more.
            await Until.TrueAsync(() => ProcessTable.TryRole(server.Command.Id, "sandboxd") is { } other && other.Id != killed, "another sandboxd");
            await Until.TrueAsync(async () => (await server.InvokeAsync("open", Payload(UsesTheWorld))).Payload.StartsWith("[200", StringComparison.Ordinal), "the function to run again");
        }

        await IsAsBeforeAsync(before);
    }

    [Fact]
    public async Task Everything_Killed_IsClearedUpByTheNextStart()
    {
        await using var internet = await Internet.NeedAsync();
        using var project = NetworkServer.Write(new());
        var before = await Internet.SetUpOfMachineAsync();
        await using (var server = await MayflyServer.UpAsync(project.Path))
        {
            await AsksTheWorldAsync(server);
            var sandboxd = ProcessTable.Role(server.Command.Id, "sandboxd").Id;
            Kill("STOP", sandboxd);
            Kill("KILL", server.Command.Id);
            Kill("KILL", sandboxd);
            await server.Command.EndAsync();
            await Until.TrueAsync(() => !Directory.Exists($"/proc/{sandboxd}"), "the end of sandboxd");
        }

        (await Internet.SetUpOfMachineAsync()).ShouldContain("\"mayfly", customMessage: "this is what is to be cleared up");
        await using (await MayflyServer.ServeAsync(project.Path))
        {
        }

        await IsAsBeforeAsync(before);
    }

    [Fact]
    public async Task Names_AreRelayed_WhereTheResolverListensOnTheMachineOnly()
    {
        const string resolver = "127.0.0.77";
        await using var internet = await Internet.NeedAsync();
        await internet.StartLocalResolverAsync(resolver);
        using var project = NetworkServer.Write(new TemporaryFolder().Write("resolv.conf", $"nameserver {resolver}\n"));
        await using var server = await MayflyServer.UpAsync(project.Path, under: Internet.WithResolver(project["resolv.conf"]));

        (await server.ProbeAsync("open", $"result = fetch('http://{Internet.Name}/')"))!.ToJsonString().ShouldBe($"[200,\"hello {Internet.Machine}\"]");
        (await server.ProbeAsync("open", """
            import struct
            question = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\x05hello\x07example\x00" + struct.pack("!HH", 1, 1)
            with socket.create_connection(("127.0.0.53", 53), 5) as server:
                server.sendall(struct.pack("!H", len(question)) + question)
                result = socket.inet_ntoa(server.recv(512)[-4:])
            """))!.GetValue<string>().ShouldBe(Internet.Web, "long answers go over TCP");
        (await server.ProbeAsync("shut", $"result = fetch('http://{Internet.Name}/')[0]"))!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task Serve_GivesFunctionsAWayOutAndNothingOfTheMachine()
    {
        await using var internet = await Internet.NeedAsync();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await LambdaApi.CreateAsync(server, "any", "python3.11", "app.handler", Zip.Of(("app.py", NetworkServer.Code)));
        var result = await server.ProbeAsync("any", $"result = [fetch('http://{Internet.Web}/')[0], reach('{Internet.Machine}', {server.Port}), fetch('http://127.0.0.1:4566/2015-03-31/functions/any')[0]]");
        result![0]!.GetValue<int>().ShouldBe(200);
        result[1]!.GetValue<string>().ShouldNotBe("reached");
        result[2]!.GetValue<int>().ShouldBe(200);
    }

    private static async Task AsksTheWorldAsync(MayflyServer server) =>
        (await server.ProbeAsync("open", UsesTheWorld))!.ToJsonString().ShouldBe($"[200,\"hello {Internet.Machine}\"]");

    // The kernel takes namespaces away some time after the last process and descriptor.
    private static async Task IsAsBeforeAsync(string before)
    {
        var now = "";
        try
        {
            await Until.TrueAsync(async () => (now = await Internet.SetUpOfMachineAsync()) == before, "the machine to be as before", 15);
        }
        catch (ShouldAssertException)
        {
            now.ShouldBe(before);
            throw;
        }
    }

    private static string Payload(string code) => new JsonObject { ["code"] = code }.ToJsonString();

    private static void Kill(string signal, int process)
    {
        using var kill = Process.Start("/bin/kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
