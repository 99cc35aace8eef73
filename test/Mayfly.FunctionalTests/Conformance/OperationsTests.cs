using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of an API is exercised with boto3 or listed with the reason why not: docs/conformance/lambda.md, docs/conformance/scheduler.md.</summary>
public sealed class OperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """

        Made by `OperationsTests`, which walks through every operation of the service's model with boto3 (what the installed one does not know yet, with a signed
        plain HTTP request): `test/Mayfly.FunctionalTests/Fixtures/clients/WALK`. Each entry is asserted, with the status and, beyond it, that every member of the
        answer is one of the model with the model's type. To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    [Fact]
    public async Task EveryOperation_IsExercisedOrListed_AndTheDocumentSaysSo()
    {
        var rows = await WalkAsync("walk", ClientFixtures.Model);

        rows.Count.ShouldBe(85);
        Unseen(rows, "refuses").ShouldBe(["GetAccountSettings"]);
        await DocumentAsync("lambda.md", "Operations of the Lambda API", "walk", rows);
    }

    [Fact]
    public async Task EveryOperationOfTheScheduler_IsExercised_AndTheDocumentSaysSo()
    {
        var rows = await WalkAsync("walk/scheduler.py", ClientFixtures.SchedulerModel);

        rows.Count.ShouldBe(12);
        rows.ShouldAllBe(static row => row["reason"] == null);
        Unseen(rows, "refuses").ShouldBeEmpty();
        await DocumentAsync("scheduler.md", "Operations of the EventBridge Scheduler API", "walk/scheduler.py", rows);
    }

    private async Task<List<JsonNode>> WalkAsync(string walk, string model)
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();

        var walked = await Tool.RunAsync(python, [ClientFixtures.At(walk), server.Endpoint, model], seconds: 300);

        var rows = walked.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        rows.SelectMany(static row => Texts(row["wrong"]!).Select(wrong => $"{row["operation"]}: {wrong}")).ShouldBeEmpty();
        walked.ShouldSucceed();
        Unseen(rows, "shows").ShouldBeEmpty();
        return rows;
    }

    private async Task DocumentAsync(string name, string title, string walk, List<JsonNode> rows)
    {
        var file = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/conformance", name));
        var document = Written($"# {title}\n{Head.Replace("WALK", walk, StringComparison.Ordinal)}", rows);
        output.WriteLine(document);
        if (Environment.GetEnvironmentVariable("MAYFLY_REWRITE") == "1")
        {
            await File.WriteAllTextAsync(file, document);
        }

        (await File.ReadAllTextAsync(file)).ShouldBe(document);
    }

    // The served operations of which nothing was seen.
    private static IEnumerable<string> Unseen(List<JsonNode> rows, string what) =>
        rows.Where(row => row["reason"] is null && row[what]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!);

    private static string Written(string head, List<JsonNode> rows)
    {
        var text = new StringBuilder(head);
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
