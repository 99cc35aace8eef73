using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>The SDK that managed runtimes bring along is the machine's, unless the function has its own.</summary>
public sealed class SdkTests
{
    [Fact]
    public async Task Function_WithoutBoto3_GetsTheMachines_AndItsOwnFirst()
    {
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: sdk
                provider: { name: aws, runtime: python3.11, timeout: 30 }
                functions:
                  machines: { name: machines, handler: app.handler, mayfly: { folder: machines } }
                  own: { name: own, handler: app.handler, mayfly: { folder: own } }
                """)
            .Write("machines/app.py", "import boto3\ndef handler(event, context): return type(boto3.client('sqs')).__name__")
            .Write("own/app.py", "import boto3\ndef handler(event, context): return boto3.mine")
            .Write("own/boto3.py", "mine = 'own'");
        await using var server = await MayflyServer.UpAsync(project.Path);

        (await server.InvokeAsync("own")).Payload.ShouldBe("\"own\"");
        (await server.InvokeAsync("machines")).Payload.ShouldBe("\"SQS\"");
    }
}
