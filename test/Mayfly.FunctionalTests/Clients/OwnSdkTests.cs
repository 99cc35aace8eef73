using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>The boto3 of a function finds this server, and is known there as the function.</summary>
public sealed class OwnSdkTests(SharedServer shared)
{
    // The key names the account: what lies there cannot be seen with other credentials.
    private const string Account = "123456789012";

    [Fact]
    public async Task Function_CallsAnother_WithItsOwnCredentials()
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();

        var outcome = await Tool.RunAsync(python, [ClientFixtures.At("own.py"), server.Endpoint], environment: new Dictionary<string, string?> { ["AWS_ACCESS_KEY_ID"] = Account });

        outcome.ShouldSucceed().Text.Trim().ShouldBe("called");
    }
}
