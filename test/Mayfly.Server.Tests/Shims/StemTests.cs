using System.Text.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Shims;

/// <summary>Stems as plain processes.</summary>
public sealed class StemTests
{
    public static TheoryData<string, string, string, string> Functions { get; } = new()
    {
        { "nodejs", "index.handler", "index.js", "exports.handler = async (e) => ({ n: e.n + 1, in: process.cwd() === __dirname })" },
        { "dotnet10", "DotNetFunction::Fixture.Handlers::Bytes", "", "" },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task Stem_WhenTheFirstCallComesWithTheFunction_AnswersItAfterReady(string runtime, string handler, string file, string source)
    {
        using var code = file.Length > 0 ? new CodeFolder((file, source)) : null;
        using var stem = ShimProcess.StartStem(await Machine.Catalog, runtime);
        stem.SendTogether(ShimWire.AssignFrame(await Environment(runtime, handler, code?.Root ?? DotNetFolder)), ShimWire.InvokeFrame("""{"n":1}"""));
        stem.Receive().ShouldBe(((byte)16, 0, ""), stem.Output);
        stem.Receive().Payload.ShouldBe(file.Length > 0 ? """{"n":2,"in":true}""" : """{"n":1}""");
        stem.Stop().ShouldBe("");
    }

    [Theory]
    [InlineData("nodejs")]
    [InlineData("dotnet10")]
    public async Task Stem_WhenNobodyWantsIt_EndsQuietly(string runtime)
    {
        using var stem = ShimProcess.StartStem(await Machine.Catalog, runtime);
        stem.Close();
        stem.ExitCode().ShouldBe(0);
        stem.Output.ShouldBe("");
    }

    [Fact]
    public async Task Stem_WithALargeEnvironment_TakesAllOfIt()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async () => process.env.LARGE.length"));
        using var stem = ShimProcess.StartStem(await Machine.Catalog, "nodejs");
        var environment = await Environment("nodejs", "index.handler", code.Root);
        environment["LARGE"] = new string('x', 100_000);
        stem.SendAssign(environment);
        stem.Receive().ShouldBe(((byte)16, 0, ""), stem.Output);
        stem.Invoke("{}").ShouldBe("100000");
    }

    [Fact]
    public async Task Stem_WhichHasRehearsed_HasTheFunctionsEnvironmentAndNoOther()
    {
        using var code = new CodeFolder(("index.js", "const env = { ...process.env }; exports.handler = async () => Object.keys(env).sort().map(name => `${name}=${env[name]}`)"));
        using var stem = ShimProcess.StartStem(await Machine.Catalog, "nodejs");
        var environment = await Environment("nodejs", "index.handler", code.Root);
        environment["HOME"] = "/home/own";
        environment["NODE_PATH"] = code.Root;
        stem.SendAssign(environment);
        stem.Receive().ShouldBe(((byte)16, 0, ""), stem.Output);
        JsonSerializer.Deserialize<string[]>(stem.Invoke("{}"))!.ShouldBe(environment.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}={entry.Value}"));
    }

    [Theory]
    [InlineData("index.handler", "index.js")]
    [InlineData("lib/index.handler", "lib/index.js")]
    [InlineData("linked.handler", "lib/index.js")]
    [InlineData("through/index.handler", "lib/index.js")]
    public async Task Stem_WhoseHandlerIsReachedByALink_KnowsTheFileByItsOwnName(string handler, string file)
    {
        using var code = new CodeFolder((file, "exports.handler = async () => [__filename, module.id, module.parent === require.main, require('module')._cache[__filename] === module, module.loaded]"));
        File.CreateSymbolicLink(Path.Combine(code.Root, "linked.js"), "lib/index.js");
        Directory.CreateSymbolicLink(Path.Combine(code.Root, "through"), "lib");
        using var stem = ShimProcess.StartStem(await Machine.Catalog, "nodejs");
        stem.SendAssign(await Environment("nodejs", handler, code.Root));
        stem.Receive().ShouldBe(((byte)16, 0, ""), stem.Output);
        var name = Path.Combine(code.Root, file);
        stem.Invoke("{}").ShouldBe($"""["{name}","{name}",true,true,true]""");
    }

    [Fact]
    public async Task Stem_WithSeveralSlots_RunsThemTogether()
    {
        using var code = new CodeFolder(("index.js", """
            const waiting = [];
            exports.handler = async (e, c) => { await new Promise(go => { waiting.push(go); if (waiting.length === 2) waiting.forEach(g => g()); }); console.log(c.awsRequestId); return e }
            """));
        using var stem = ShimProcess.StartStem(await Machine.Catalog, "nodejs");
        var environment = await Environment("nodejs", "index.handler", code.Root);
        environment["MAYFLY_CONCURRENCY"] = "2";
        stem.SendAssign(environment);
        stem.Receive().ShouldBe(((byte)16, 0, ""), stem.Output);
        stem.SendInvoke("1", 1, "id-1");
        stem.SendInvoke("2", 2, "id-2");
        new[] { stem.Receive(), stem.Receive() }.OrderBy(answer => answer.Slot).ShouldBe([((byte)18, 1, "1"), ((byte)18, 2, "2")]);
        stem.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.Split('\t', 4)[1] == line.Split('\t', 4)[3]);
    }

    private static string DotNetFolder => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../Fixtures/DotNetFunction/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0"));

    private static async Task<Dictionary<string, string>> Environment(string runtime, string handler, string folder)
    {
        (await Machine.Catalog).TryPlan(new FunctionConfig { Runtime = runtime, Handler = handler }, out var plan, out var missing).ShouldBeTrue(missing);
        return ShimProcess.FunctionVariables(plan!, handler, folder);
    }
}
