using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the SQS API is exercised over JSON, with boto3 and with the aws command line: docs/conformance/sqs.md.</summary>
[Trait("runs", "once")]
public sealed class SqsOperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the SQS API

        Made by `SqsOperationsTests`, which walks through every operation of the service's model: once with signed plain HTTP requests in JSON, once with boto3 and
        once with the aws command line (older ones of both speak the query protocol, newer ones JSON; what the installed ones do not know yet they are spared, with
        JSON): `test/Mayfly.FunctionalTests/Fixtures/clients/queues`. Each entry is asserted with all of them, and beyond it that every member of an answer in JSON
        is one of the model with the model's type. To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    [Fact]
    public async Task EveryOperation_IsExercisedWithEveryClient_AndTheDocumentSaysSo()
    {
        var python = await Machine.NeedBoto3Async();
        var asked = await Tool.RunAsync(python, ["-c", "import awscli.clidriver"]);
        Assert.SkipUnless(asked.Status == 0, "this machine has no aws command line: apt-get install awscli");
        var server = await shared.GetAsync();
        var modern = await Machine.FindStreamingBoto3Async();
        (string Python, string Client, string Region)[] clients =
        [
            (python, "json", "eu-north-1"),
            (python, "boto3", "eu-south-1"),
            (python, "cli", "eu-west-3"),
            .. modern is null || modern == python ? Array.Empty<(string, string, string)>() : [(modern, "boto3", "eu-west-2")],
        ];

        var walks = await Task.WhenAll(clients.Select(client => Tool.RunAsync(client.Python, [ClientFixtures.At("queues"), client.Client, client.Region, server.Endpoint, ClientFixtures.At("sqs.json")], seconds: 300)));

        var rows = new List<List<JsonNode>>();
        foreach (var walk in walks)
        {
            rows.Add(WalkDocument.Rows(walk.Text));
            walk.ShouldSucceed();
        }

        rows[0].Count.ShouldBe(23);
        WalkDocument.Unseen(rows[0], "shows").ShouldBeEmpty();
        WalkDocument.Unseen(rows[0], "refuses").ShouldBeEmpty();
        var document = WalkDocument.Written(Head, rows[0]);
        rows.Skip(1).Select(static others => WalkDocument.Written(Head, others)).ShouldAllBe(other => other == document);
        await WalkDocument.ShouldBeAsync("sqs.md", document, output);
    }
}
