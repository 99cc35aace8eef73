using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the EventBridge API is exercised with boto3 and with the aws command line, or listed with the reason why not: docs/conformance/events.md.</summary>
[Trait("runs", "once")]
public sealed class EventBridgeOperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the EventBridge API

        Made by `EventBridgeOperationsTests`, which walks through every operation of the service's model, once with boto3 and once with the aws command line
        (what the installed ones do not know yet, with a signed plain HTTP request): `test/Mayfly.FunctionalTests/Fixtures/clients/events`. Each entry is asserted
        with both, and beyond it that every member of the answer is one of the model with the model's type. What targets get is received over HTTP, by way of an
        API destination. To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    // Nothing that the model allows makes these fail.
    private static readonly string[] NeverRefused = ["DeletePartnerEventSource", "ListEndpoints", "ListEventSources", "ListPartnerEventSources", "PutPartnerEvents"];

    [Fact]
    public async Task EveryOperation_IsExercisedWithBothClients_AndTheDocumentSaysSo()
    {
        var python = await Machine.NeedBoto3Async();
        var asked = await Tool.RunAsync(python, ["-c", "import awscli.clidriver"]);
        Assert.SkipUnless(asked.Status == 0, "this machine has no aws command line: apt-get install awscli");
        var server = await shared.GetAsync();

        var walks = await Task.WhenAll(new[] { "boto3", "cli" }.Select(client => Tool.RunAsync(python, [ClientFixtures.At("events"), client, server.Endpoint, ClientFixtures.At("events.json")], seconds: 300)));

        var rows = walks.Select(static walk => WalkDocument.Rows(walk.Text)).ToArray();
        foreach (var walk in walks)
        {
            walk.ShouldSucceed();
        }

        rows[0].Count.ShouldBe(57);
        rows[0].Where(static row => row["reason"] is null && row["shows"]!.AsArray().Count + row["refuses"]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!).ShouldBeEmpty();
        WalkDocument.Unseen(rows[0], "refuses").ShouldBe(NeverRefused);
        var document = WalkDocument.Written(Head, rows[0]);
        WalkDocument.Written(Head, rows[1]).ShouldBe(document);
        await WalkDocument.ShouldBeAsync("events.md", document, output);
    }
}
