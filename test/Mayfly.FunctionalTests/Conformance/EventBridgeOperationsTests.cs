using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the EventBridge API is exercised with boto3 and with the aws command line, or listed with the reason why not: docs/conformance/events.md.</summary>
public sealed class EventBridgeOperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the EventBridge API

        Made by `EventBridgeOperationsTests`, which walks through every operation of the service's model, once with boto3 and once with the aws command line
        (what the installed ones do not know yet, with a signed plain HTTP request): `test/Mayfly.FunctionalTests/Fixtures/clients/events`. Each entry is asserted
        with both, and beyond it that every member of the answer is one of the model with the model's type. What targets get is received over HTTP, by way of an
        API destination. To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    private static readonly string Document = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/conformance/events.md"));

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

        var rows = walks.Select(static walk => walk.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList()).ToArray();
        rows.SelectMany(static walk => walk).SelectMany(static row => Texts(row["wrong"]!).Select(wrong => $"{row["operation"]}: {wrong}")).ShouldBeEmpty();
        foreach (var walk in walks)
        {
            walk.ShouldSucceed();
        }

        rows[0].Count.ShouldBe(57);
        rows[0].Where(static row => row["reason"] is null && row["shows"]!.AsArray().Count + row["refuses"]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!).ShouldBeEmpty();
        rows[0].Where(static row => row["reason"] is null && row["refuses"]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!).ShouldBe(NeverRefused);
        var document = Written(rows[0]);
        Written(rows[1]).ShouldBe(document);

        output.WriteLine(document);
        if (Environment.GetEnvironmentVariable("MAYFLY_REWRITE") == "1")
        {
            await File.WriteAllTextAsync(Document, document);
        }

        (await File.ReadAllTextAsync(Document)).ShouldBe(document);
    }

    private static string Written(List<JsonNode> rows)
    {
        var text = new StringBuilder(Head);
        var missing = rows.Count(static row => row["reason"] is not null);
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{rows.Count} operations: {rows.Count - missing} exercised, {missing} not served.\n\n");
        text.Append("| operation | exercised | what was seen | what was refused |\n| --- | --- | --- | --- |\n");
        foreach (var row in rows)
        {
            var seen = (string?)row["reason"] ?? string.Join("<br>", row["shows"]!.AsArray().Select(static one => $"{one!["status"]}: {one["what"]}"));
            var refused = row["reason"] is null ? string.Join("<br>", row["refuses"]!.AsArray().Select(static one => $"{one!["status"]} `{one["type"]}`: {one["what"]}")) : "501 `NotImplementedException`";
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{row["operation"]}` | {(row["reason"] is null ? "yes" : "no")} | {seen} | {refused} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(static one => (string)one!);
}
