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
        WalkDocument.Unseen(rows, "refuses").ShouldBe(["GetAccountSettings"]);
        await DocumentAsync("lambda.md", "Operations of the Lambda API", "walk", rows);
    }

    [Fact]
    public async Task EveryOperationOfTheScheduler_IsExercised_AndTheDocumentSaysSo()
    {
        var rows = await WalkAsync("walk/scheduler.py", ClientFixtures.SchedulerModel);

        rows.Count.ShouldBe(12);
        rows.ShouldAllBe(static row => row["reason"] == null);
        WalkDocument.Unseen(rows, "refuses").ShouldBeEmpty();
        await DocumentAsync("scheduler.md", "Operations of the EventBridge Scheduler API", "walk/scheduler.py", rows);
    }

    private async Task<List<JsonNode>> WalkAsync(string walk, string model)
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();

        var walked = await Tool.RunAsync(python, [ClientFixtures.At(walk), server.Endpoint, model], seconds: 300);

        var rows = WalkDocument.Rows(walked.Text);
        walked.ShouldSucceed();
        WalkDocument.Unseen(rows, "shows").ShouldBeEmpty();
        return rows;
    }

    private Task DocumentAsync(string name, string title, string walk, List<JsonNode> rows) =>
        WalkDocument.ShouldBeAsync(name, WalkDocument.Written($"# {title}\n{Head.Replace("WALK", walk, StringComparison.Ordinal)}", rows), output);
}
