using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Every operation of the S3 API is exercised with boto3 and with the aws command line, or listed with the reason why not: docs/conformance/s3.md.</summary>
[Trait("runs", "once")]
public sealed class S3OperationsTests(SharedServer shared, ITestOutputHelper output)
{
    private const string Head = """
        # Operations of the S3 API

        Made by `S3OperationsTests`, which walks through every operation of the service's model, once with boto3 and once with the aws command line:
        `test/Mayfly.FunctionalTests/Fixtures/clients/s3`. Each entry is asserted with both. What is not served is asked for with a signed plain HTTP request.
        To write it anew: `MAYFLY_REWRITE=1` and that test.


        """;

    // Nothing that can be sent makes these fail.
    private static readonly string[] NeverRefused = ["ListBuckets"];

    [Fact]
    public async Task EveryOperation_IsExercisedWithBothClients_AndTheDocumentSaysSo()
    {
        var python = await Machine.NeedNewBoto3Async();
        var server = await shared.GetAsync();

        var walks = await Task.WhenAll(new[] { "boto3", "cli" }.Select(client => Tool.RunAsync(python, [ClientFixtures.At("s3"), client, server.Endpoint], seconds: 300)));

        var rows = walks.Select(static walk => WalkDocument.Rows(walk.Text)).ToArray();
        foreach (var walk in walks)
        {
            walk.ShouldSucceed();
        }

        rows[0].Count.ShouldBe(111);
        rows[0].Where(static row => row["reason"] is null && row["shows"]!.AsArray().Count == 0 && (string?)row["operation"] != "GetObjectLockConfiguration").Select(static row => (string)row["operation"]!).ShouldBeEmpty();
        WalkDocument.Unseen(rows[0], "refuses").ShouldBe(NeverRefused);
        var document = WalkDocument.Written(Head, rows[0], "NotImplemented");
        WalkDocument.Written(Head, rows[1], "NotImplemented").ShouldBe(document);
        await WalkDocument.ShouldBeAsync("s3.md", document, output);
    }
}
