using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the Lambda API is exercised with boto3 or listed with the reason why not: docs/conformance/lambda.md.</summary>
public sealed class OperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the Lambda API

        Made by `OperationsTests`, which walks through every operation of the service's model with boto3 (what the installed one does not know yet, with a signed
        plain HTTP request): `test/Mayfly.FunctionalTests/Fixtures/clients/walk`. Each entry is asserted, with the status and, beyond it, that every member of the
        answer is one of the model with the model's type. To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    private static readonly string Document = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/conformance/lambda.md"));

    [Fact]
    public async Task EveryOperation_IsExercisedOrListed_AndTheDocumentSaysSo()
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();

        var walked = await Tool.RunAsync(python, [ClientFixtures.At("walk"), server.Endpoint, ClientFixtures.Model], seconds: 300);

        var rows = walked.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        rows.SelectMany(static row => Texts(row["wrong"]!).Select(wrong => $"{row["operation"]}: {wrong}")).ShouldBeEmpty();
        walked.ShouldSucceed();
        rows.Count.ShouldBe(85);
        rows.Where(static row => row["reason"] is null && row["shows"]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!).ShouldBeEmpty();
        rows.Where(static row => row["reason"] is null && row["refuses"]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!).ShouldBe(["GetAccountSettings"]);

        var document = Written(rows);
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
