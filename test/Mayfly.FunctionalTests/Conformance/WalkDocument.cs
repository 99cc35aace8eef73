using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>What a walk through all operations of an API saw, and the document in <c>docs/conformance</c> that says so.</summary>
internal static class WalkDocument
{
    /// <summary>The rows that a walk printed, one for each operation, of which nothing is wrong.</summary>
    public static List<JsonNode> Rows(string printed)
    {
        var rows = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        rows.SelectMany(static row => row["wrong"]!.AsArray().Select(wrong => $"{row["operation"]}: {wrong}")).ShouldBeEmpty();
        return rows;
    }

    /// <summary>The served operations of which nothing was seen.</summary>
    public static IEnumerable<string> Unseen(List<JsonNode> rows, string what) =>
        rows.Where(row => row["reason"] is null && row[what]!.AsArray().Count == 0).Select(static row => (string)row["operation"]!);

    /// <summary>The document that these rows make.</summary>
    /// <param name="head">What stands above them.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="notServed">The service's error for what is not served.</param>
    public static string Written(string head, List<JsonNode> rows, string notServed = "NotImplementedException")
    {
        var text = new StringBuilder(head);
        var missing = rows.Count(static row => row["reason"] is not null);
        text.Append(CultureInfo.InvariantCulture, $"{rows.Count} operations: {rows.Count - missing} exercised, {missing} not served.\n\n");
        text.Append("| operation | exercised | what was seen | what was refused |\n| --- | --- | --- | --- |\n");
        foreach (var row in rows)
        {
            var seen = (string?)row["reason"] ?? string.Join("<br>", row["shows"]!.AsArray().Select(static one => $"{one!["status"]}: {one["what"]}"));
            var refused = row["reason"] is null ? string.Join("<br>", row["refuses"]!.AsArray().Select(static one => $"{one!["status"]} `{one["type"]}`: {one["what"]}")) : $"501 `{notServed}`";
            text.Append(CultureInfo.InvariantCulture, $"| `{row["operation"]}` | {(row["reason"] is null ? "yes" : "no")} | {seen} | {refused} |\n");
        }

        return text.ToString();
    }

    /// <summary>Holds the document in the repository to what was seen; <c>MAYFLY_REWRITE=1</c> writes it anew.</summary>
    public static async Task ShouldBeAsync(string name, string document, ITestOutputHelper output)
    {
        var file = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/conformance", name));
        output.WriteLine(document);
        if (Environment.GetEnvironmentVariable("MAYFLY_REWRITE") == "1")
        {
            await File.WriteAllTextAsync(file, document);
        }

        (await File.ReadAllTextAsync(file)).ShouldBe(document);
    }
}
