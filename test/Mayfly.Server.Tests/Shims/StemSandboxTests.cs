using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Tests.Shims;

/// <summary>In real sandboxes: a function cannot tell whether it was started by itself or of a stem.</summary>
public sealed partial class StemSandboxTests(StemFixture stems) : IClassFixture<StemFixture>
{
    private const string NodeSurroundings = """
        const sorted = (env) => Object.fromEntries(Object.entries(env).sort());
        exports.handler = async () => ({
          variables: sorted(process.env), folder: process.cwd(), words: process.argv, options: process.execArgv, title: process.title, zone: new Date(0).getTimezoneOffset(),
          locale: Intl.DateTimeFormat().resolvedOptions(), user: require('os').userInfo().username, main: require.main.filename, paths: module.paths, global: require('module').globalPaths,
          cached: Object.keys(require.cache).filter((file) => file.startsWith('/var/task')), listeners: process.eventNames().map(String).sort(),
          files: require('fs').readdirSync('/proc/self/fd').includes('3'), found: require('of-a-layer'), globals: Object.getOwnPropertyNames(globalThis).sort(),
          child: require('child_process').execFileSync('/usr/bin/env').toString().split('\n').sort(),
        });
        """;

    private static string DotNetFolder => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../Fixtures/DotNetFunction/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0"));

    [Fact]
    public async Task NodeFunction_SeesTheSameSurroundings()
    {
        using var code = new CodeFolder(("index.js", NodeSurroundings), ("packages/node_modules/of-a-layer/index.js", "module.exports = __filename"));
        (string, string)[] environment = [("TZ", "Asia/Tokyo"), ("NODE_PATH", "/var/task/packages/node_modules"), ("NODE_ENV", "production"), ("EMPTY", ""), ("TEXT", "ä=\n€")];
        await using var alone = await stems.StartAsync(ofStem: false, "nodejs", "index.handler", code.Root, environment);
        await using var stem = await stems.StartAsync(ofStem: true, "nodejs", "index.handler", code.Root, environment);
        var answers = new[] { alone, stem }.Select(shim =>
        {
            shim.Receive().ShouldBe(((byte)16, 0, ""), shim.Output);
            return shim.Invoke("{}");
        }).ToList();
        ShouldAgree(answers[1], answers[0]);
        answers[1].ShouldContain("\"zone\":-540");
        answers[1].ShouldContain("\"found\":\"/var/task/packages/node_modules/of-a-layer/index.js\"");
        answers[1].ShouldContain("TZ=Asia/Tokyo");
        stem.Output.ShouldBe(alone.Output);
    }

    [Fact]
    public async Task DotNetFunction_SeesTheSameSurroundings()
    {
        (string, string)[] environment = [("TZ", "Asia/Tokyo"), ("EMPTY", ""), ("TEXT", "ä=\n€")];
        await using var alone = await stems.StartAsync(ofStem: false, "dotnet10", "DotNetFunction::Fixture.Handlers::Surroundings", DotNetFolder, environment);
        await using var stem = await stems.StartAsync(ofStem: true, "dotnet10", "DotNetFunction::Fixture.Handlers::Surroundings", DotNetFolder, environment);
        var answers = new[] { alone, stem }.Select(shim =>
        {
            shim.Receive().ShouldBe(((byte)16, 0, ""), shim.Output);
            return shim.Invoke("\"TEXT\"");
        }).ToList();
        ShouldAgree(answers[1], answers[0]);
        answers[1].ShouldContain("\"zone\":\"Asia/Tokyo\"");
        answers[1].ShouldContain("\"native\":\"ä=\\n€\"");
    }

    [Theory]
    [InlineData("index.js", "exports.handler = async (e) => { console.log('seen', e); return e }")]
    [InlineData("index.js", "exports.handler = (e, c, done) => setTimeout(() => done(null, e), 1)")]
    [InlineData("index.mjs", "import fs from 'fs'; await 1; export const handler = async (e) => [typeof fs.readFileSync, e]")]
    [InlineData("index.cjs", "exports.handler = awslambda.streamifyResponse(async (e, s) => { s.setContentType('text/plain'); s.write('a'); s.end('b') })")]
    [InlineData("index.js", "exports.handler = async () => { throw new TypeError('wrong') }")]
    [InlineData("index.js", "exports.handler = () => { setTimeout(() => { throw new TypeError('late') }, 1) }")]
    [InlineData("index.js", "exports.handler = () => new Promise(() => {})")]
    [InlineData("index.js", "exports.handler = () => process.exit(7)")]
    [InlineData("index.js", "require('not-there')")]
    [InlineData("index.js", "exports.handler = (")]
    [InlineData("index.mjs", "await new Promise(() => {})")]
    [InlineData("index.js", "Promise.reject(new Error('aside')); exports.handler = async () => 1")]
    public async Task NodeFunction_AnswersFailsAndPrintsTheSame(string file, string source)
    {
        using var code = new CodeFolder((file, source));
        (await RunAsync(ofStem: true, "nodejs", "index.handler", code.Root)).ShouldBe(await RunAsync(ofStem: false, "nodejs", "index.handler", code.Root));
    }

    [Theory]
    [InlineData("Fixture.Handlers::Later")]
    [InlineData("Fixture.Handlers::Bytes")]
    [InlineData("Fixture.Handlers::Custom")]
    [InlineData("Fixture.Handlers::Nothing")]
    [InlineData("Fixture.Handlers::Throws")]
    [InlineData("Fixture.Handlers::No")]
    [InlineData("Fixture.BrokenConstructor::Run")]
    public async Task DotNetFunction_AnswersFailsAndPrintsTheSame(string method) =>
        (await RunAsync(ofStem: true, "dotnet10", "DotNetFunction::" + method, DotNetFolder)).ShouldBe(await RunAsync(ofStem: false, "dotnet10", "DotNetFunction::" + method, DotNetFolder));

    /// <summary>All frames until one that ends an invocation or the start, then the exit and the output.</summary>
    private async Task<string> RunAsync(bool ofStem, string runtime, string handler, string folder)
    {
        await using var shim = await stems.StartAsync(ofStem, runtime, handler, folder);
        var seen = new List<string>();
        try
        {
            shim.SendInvoke("""{"id":1,"note":"n"}""");
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It ended as it started, and said why before.
        }

        try
        {
            byte type;
            do
            {
                (type, var slot, var payload) = shim.Receive();
                seen.Add($"{type} {slot} {payload}");
            }
            while (type is 16 or 20 or 21);

            shim.Send(2, 0, []);
        }
        catch (InvalidOperationException e)
        {
            seen.Add(e.Message.Split(';')[0]);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It ended before it was told to.
        }

        seen.Add((await shim.ExitAsync()).ToString());
        seen.Add(shim.Output);
        return OwnFrames().Replace(Times().Replace(string.Join('\n', seen), "<time>"), "");
    }

    private static void ShouldAgree(string seen, string expected)
    {
        var (one, other) = (JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(seen)!, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(expected)!);
        one.Keys.ShouldBe(other.Keys);
        foreach (var (name, value) in one)
        {
            value.GetRawText().ShouldBe(other[name].GetRawText(), name);
        }
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\S+Z", RegexOptions.None, 1000)]
    private static partial Regex Times();

    // How the shim came to call the function shows below the function's own frames; the conformance table leaves it out, too.
    [GeneratedRegex(@",\s*""\s*at [^""]*(/var/runtime/|node:internal/)[^""]*""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnFrames();
}
