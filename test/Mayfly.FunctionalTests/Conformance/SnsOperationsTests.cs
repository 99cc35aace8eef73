using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the SNS API is exercised with boto3 and with the aws command line, or listed with the reason why not: docs/conformance/sns.md.</summary>
[Trait("runs", "once")]
public sealed class SnsOperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the SNS API

        Made by `SnsOperationsTests`, which walks through every operation of the service's model, with boto3 and with the aws command line:
        `test/Mayfly.FunctionalTests/Fixtures/clients/topics`. Each entry is asserted with both. What subscribers get is received from queues and over HTTP.
        To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    [Fact]
    public async Task EveryOperation_IsExercisedWithEveryClient_AndTheDocumentSaysSo()
    {
        var python = await Machine.NeedBoto3Async();
        var asked = await Tool.RunAsync(python, ["-c", "import awscli.clidriver"]);
        Assert.SkipUnless(asked.Status == 0, "this machine has no aws command line: apt-get install awscli");
        var server = await shared.GetAsync();
        (string Client, string Region)[] clients = [("boto3", "ap-east-1"), ("cli", "ap-east-2")];

        var walks = await Task.WhenAll(clients.Select(client => Tool.RunAsync(python, [ClientFixtures.At("topics"), client.Client, client.Region, server.Endpoint, ClientFixtures.At("sns.json"), ClientFixtures.At("sqs.json")], seconds: 300)));

        var rows = new List<List<JsonNode>>();
        foreach (var walk in walks)
        {
            rows.Add(WalkDocument.Rows(walk.Text));
            walk.ShouldSucceed();
        }

        rows[0].Count.ShouldBe(42);
        WalkDocument.Unseen(rows[0], "shows").ShouldBeEmpty();
        WalkDocument.Unseen(rows[0], "refuses").ShouldBeEmpty();
        var document = WalkDocument.Written(Head, rows[0]);
        WalkDocument.Written(Head, rows[1]).ShouldBe(document);
        await WalkDocument.ShouldBeAsync("sns.md", document, output);
    }
}
