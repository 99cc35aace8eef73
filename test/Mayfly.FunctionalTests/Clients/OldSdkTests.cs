using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>SDKs for JavaScript from before <c>AWS_ENDPOINT_URL</c>, in functions: a client that is made without an endpoint calls the platform, one with an endpoint calls that.</summary>
public sealed class OldSdkTests
{
    private const string Second = """
        const clients = (AWS) => {
          const told = (events) => events.listRules({}).promise().then((answer) => answer.Rules.map((rule) => rule.Name).join(), (error) => error.code);
          return { client: (settings) => new AWS.EventBridge({ maxRetries: 0, ...settings }), told };
        };
        """;

    private const string Third = """
        const clients = ({ EventBridge }) => {
          const told = (events) => events.listRules({}).then((answer) => answer.Rules.map((rule) => rule.Name).join(), (error) => error.code ?? error.name);
          return { client: (settings) => new EventBridge({ maxAttempts: 1, ...settings }), told };
        };
        """;

    private const string Handler = """
        const handler = async (event) => {
          const { client, told } = clients(sdk);
          delete process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS;
          const seen = { plain: await told(client({})), elsewhere: await told(client({ endpoint: 'http://127.0.0.1:1' })) };
          process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = 'true';
          return { ...seen, ignored: await told(client({ region: 'nowhere-1' })) };
        };
        """;

    /// <summary>The last release of version 2, and one of version 3 for each way that they looked for endpoints.</summary>
    public static TheoryData<string, string, string> Sdks { get; } = new()
    {
        { "aws-sdk", "2.1693.0", Second },
        { "@aws-sdk/client-eventbridge", "3.11.0", Third },
        { "@aws-sdk/client-eventbridge", "3.159.0", Third },
        { "@aws-sdk/client-eventbridge", "3.303.0", Third },
    };

    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task AClientWithoutAnEndpoint_CallsThePlatform(string package, string version, string clients)
    {
        Machine.Need("node", "nodejs");
        var modules = Path.Combine(await NpmPackage.NeedAsync(package, version, "package.json"), "node_modules");
        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: old
                provider: { name: aws, runtime: nodejs20.x, timeout: 20 }
                functions:
                  common: { name: common, handler: common.handler }
                  module: { name: module, handler: module.handler }
                  none: { name: none, handler: none.handler }
                resources:
                  Resources:
                    Found: { Type: "AWS::Events::Rule", Properties: { Name: found, EventPattern: { source: [shop] } } }
                """)
            .Write("common.js", $"const sdk = require('{package}');\n{clients}\n{Handler}\nexports.handler = handler;")
            .Write("module.mjs", $"import sdk from '{package}';\n{clients}\n{Handler}\nexport {{ handler }};");
        project.Write("none.js", "exports.handler = async () => Object.keys(require.cache).filter((file) => file.endsWith('load.cjs') || file.endsWith('endpoints.cjs')).length;");
        (await Tool.RunAsync("cp", ["-r", modules, project["node_modules"]])).ShouldSucceed();
        await using var server = await MayflyServer.UpAsync(project.Path);

        (await server.InvokeAsync("none")).Payload.ShouldBe("1", "a function without an SDK loads nothing for it");
        foreach (var kind in new[] { "common", "module" })
        {
            var answer = await server.InvokeAsync(kind);
            answer.FunctionError.ShouldBeNull(answer.Payload);
            var seen = JsonNode.Parse(answer.Payload)!;
            ((string?)seen["plain"]).ShouldBe("found", kind + answer.Payload);
            ((string?)seen["elsewhere"]).ShouldBeOneOf(["ECONNREFUSED", "UnknownEndpoint"], kind + answer.Payload);
            ((string?)seen["ignored"]).ShouldBeOneOf(["ENOTFOUND", "EAI_AGAIN", "UnknownEndpoint"], kind + answer.Payload);
        }
    }
}
