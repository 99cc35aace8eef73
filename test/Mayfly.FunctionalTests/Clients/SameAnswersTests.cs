using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>The command line, boto3, the SDK for JavaScript and signed plain HTTP make the same calls and are told the same.</summary>
public sealed partial class SameAnswersTests(SharedServer shared)
{
    private const string Sdk = "@aws-sdk/client-lambda";
    private const string SdkVersion = "3.1162.0";

    // What clients of distributions may not know yet, and therefore do not show.
    private static readonly string[] Newer = ["LoggingConfig", "RuntimeVersionConfig", "InvokeMode", "StatusCode", "Reason"];

    [Theory]
    [InlineData("cli", "eu-west-3", "ap-south-1")]
    [InlineData("boto3", "us-west-2", "ca-central-1")]
    [InlineData("javascript", "eu-west-2", "sa-east-1")]
    public async Task Client_IsToldWhatPlainHttpIsTold(string client, string region, string plainRegion)
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder();
        var (program, words, environment) = await CommandAsync(client, server, region, folder);

        // Regions are apart, so they do not meet.
        var run = Tool.RunAsync(program, words, environment: environment, seconds: 300);
        var plain = await Tool.RunAsync(python, [ClientFixtures.At("same/run.py"), "plain", server.Endpoint, plainRegion, ClientFixtures.Model], seconds: 300);
        var expected = Lines(plain.ShouldSucceed(), plainRegion);
        var seen = Lines((await run).ShouldSucceed(), region);

        seen.Count.ShouldBe(expected.Count);
        expected.Count(static line => line["answer"] is not null).ShouldBeGreaterThan(20);
        foreach (var (told, should) in seen.Zip(expected))
        {
            Differences(should, told, strict: client == "javascript").ShouldBeEmpty($"{should["call"]}\nplain: {should.ToJsonString()}\n{client}: {told.ToJsonString()}");
        }
    }

    [Fact]
    public async Task StreamedAnswer_IsTheSameForTheSdkForJavaScript()
    {
        var python = await Machine.NeedBoto3Async();
        var node = Machine.Need("node", "nodejs");
        var modules = await NpmPackage.NeedAsync(Sdk, SdkVersion, "package.json");
        var server = await shared.GetAsync();
        const string code = "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('first '); if (event) throw new TypeError(event); stream.end('last'); });";
        await LambdaApi.CreateAsync(server, "same-stream", "nodejs20.x", "index.handler", Zip.Of(("index.js", code)));

        foreach (var (payload, body, type) in new[] { ("null", "first last", null), ("\"as asked\"", "first ", "TypeError") })
        {
            var plain = (await Tool.RunAsync(python, [ClientFixtures.At("stream.py"), server.Endpoint, ClientFixtures.Model, "same-stream", payload])).ShouldSucceed();
            var told = (await Tool.RunAsync(node, [ClientFixtures.At("stream.js"), server.Endpoint, "same-stream", payload], environment: NodeModules(modules))).ShouldSucceed();

            ((string?)told.Json["body"], told.Json["end"]!.AsArray().Count).ShouldBe((body, 1), told.Text);
            ((string?)told.Json["end"]![0]!["ErrorDetails"])?.Contains($"\"{type}\"", StringComparison.Ordinal).ShouldBe(type is not null, told.Text);
            Differences(Lines(plain, "us-east-1").Single(), Lines(told, "us-east-1").Single(), strict: true).ShouldBeEmpty($"{plain.Text}\n{told.Text}");
        }
    }

    private static Dictionary<string, string?> NodeModules(string folder) => new() { ["NODE_PATH"] = Path.Combine(folder, "node_modules"), ["NODE_NO_WARNINGS"] = "1" };

    private static async Task<(string Program, string[] Words, Dictionary<string, string?> Environment)> CommandAsync(string client, MayflyServer server, string region, TemporaryFolder folder)
    {
        const string python = "/usr/bin/python3";
        switch (client)
        {
            case "javascript":
                var node = Machine.Need("node", "nodejs");
                var modules = await NpmPackage.NeedAsync(Sdk, SdkVersion, "package.json");
                folder.Write("steps.json", (await Tool.RunAsync(python, [ClientFixtures.At("same/steps.py"), region])).ShouldSucceed().Text);
                return (node, [ClientFixtures.At("same/run.js"), server.Endpoint, region, folder["steps.json"]], NodeModules(modules));
            case "cli":
                return (python, [ClientFixtures.At("same/run.py"), client, server.Endpoint, region, ClientFixtures.Model], new() { ["AWS_CLI"] = Machine.Need("aws", "awscli") });
            default:
                return (python, [ClientFixtures.At("same/run.py"), client, server.Endpoint, region, ClientFixtures.Model], []);
        }
    }

    private static List<JsonNode> Lines(Tool.Outcome outcome, string region) =>
        [.. outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(Steady(line.Replace(region, "<region>", StringComparison.Ordinal)))!)];

    /// <summary>Without what is another each time: request ids, revision ids, dates, durations, what an instance was made of, the ids of URLs.</summary>
    private static string Steady(string line)
    {
        var open = Log().Replace(line, static log => $"\"LogResult\": {JsonValue.Create(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(log.Groups["log"].Value))).ToJsonString()}");
        return Changing().Replace(open, "<>");
    }

    private static List<string> Differences(JsonNode? expected, JsonNode? seen, bool strict, string path = "")
    {
        switch (expected, seen)
        {
            case (JsonObject one, JsonObject other):
                return [.. one!.Select(static member => member.Key).Union(other!.Select(static member => member.Key)).Order(StringComparer.Ordinal).SelectMany(key => Differences(one[key], other[key], strict, $"{path}.{key}"))];
            case (JsonArray one, JsonArray other) when one!.Count == other!.Count:
                return [.. one.Zip(other).SelectMany((pair, index) => Differences(pair.First, pair.Second, strict, $"{path}[{index}]"))];
            case (_, null) when !strict && (path == ".status" || Newer.Contains(path.Split('.')[^1])):
                return [];
            default:
                var (left, right) = (Text(expected), Text(seen));
                return left == right || Date().IsMatch(left) && Date().IsMatch(right) ? [] : [$"{path}: {left} and {right}"];
        }
    }

    // Nothing, an empty text and no text are told apart by no client.
    private static string Text(JsonNode? node) => node?.ToJsonString() is not (null or "\"\"") ? node.ToJsonString() : "";

    [GeneratedRegex("\"LogResult\": ?\"(?<log>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Log();

    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<=/_url/)[a-z0-9]{32}|(?<=Start: )\w+ \([^)]*\)|[0-9.]+ ms|(?<=Max Memory Used: )[0-9]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Changing();

    [GeneratedRegex(@"^""\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*""$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Date();
}
