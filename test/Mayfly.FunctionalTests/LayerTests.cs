using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Functions run with layers, published by boto3 or declared in a manifest.</summary>
public sealed class LayerTests(SharedServer shared)
{
    private const string Boto3 = """
        import io, json, sys, zipfile
        import boto3
        from botocore.config import Config

        client = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))

        def package(**files):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for name, text in files.items():
                    info = zipfile.ZipInfo(name.replace("__", "/").replace("_dot_", "."))
                    info.external_attr = 0o100755 << 16
                    archive.writestr(info, text)
            return buffer.getvalue()

        def publish(name, **files):
            return client.publish_layer_version(LayerName=name, Content={"ZipFile": package(**files)})["LayerVersionArn"]

        library = publish("e2e-library", python__shared_dot_py="WHO = 'library'\n", python__low_dot_py="WHO = 'low'\n")
        tool = publish("e2e-tool", bin__layertool="#!/bin/sh\necho tool of $1\n", python__low_dot_py="WHO = 'high'\n")
        code = '''
        import os, subprocess, sys
        import shared, low
        def handler(event, context):
            try:
                open("/opt/python/shared.py", "a")
                wrote = True
            except OSError:
                wrote = False
            return {"shared": shared.WHO, "low": low.WHO, "tool": subprocess.run(["layertool", "layers"], capture_output=True, text=True).stdout.strip(), "wrote": wrote, "opt": sorted(os.listdir(os.environ.get("MAYFLY_OPT", "/opt")))}
        '''
        name = "e2e-layered"
        made = client.create_function(FunctionName=name, Runtime="python3.11", Role="arn:aws:iam::000000000000:role/any", Handler="app.handler", Code={"ZipFile": package(app_dot_py=code)}, Timeout=20, Layers=[library, tool])
        assert [l["Arn"] for l in made["Layers"]] == [library, tool], made

        def call():
            answer = client.invoke(FunctionName=name)
            payload = json.load(answer["Payload"])
            assert "FunctionError" not in answer, payload
            return payload

        first = call()
        assert first == {"shared": "library", "low": "high", "tool": "tool of layers", "wrote": False, "opt": ["bin", "python"]}, first

        client.update_function_configuration(FunctionName=name, Layers=[tool, library])
        assert call()["low"] == "low"

        for arn in (library, tool):
            client.delete_layer_version(LayerName=arn.split(":")[6], VersionNumber=1)
        client.update_function_configuration(FunctionName=name, MemorySize=256)
        assert call()["low"] == "low"
        assert client.get_function(FunctionName=name)["Configuration"]["Layers"][0]["Arn"] == tool
        client.delete_function(FunctionName=name)

        modern = publish("e2e-node", nodejs__node_modules__shared__index_dot_js="module.exports = 'from the layer';\n")
        client.create_function(FunctionName="e2e-node", Runtime="nodejs22.x", Role="arn:aws:iam::000000000000:role/any", Handler="app.handler", Code={"ZipFile": package(app_dot_js="exports.handler = async () => require('shared');\n")}, Timeout=20, Layers=[modern])
        if len(sys.argv) > 2:
            name = "e2e-node"
            assert call() == "from the layer"
        client.delete_function(FunctionName="e2e-node")

        boot = publish("e2e-boot", bootstrap="#!/bin/sh\nwhile true; do h=$(mktemp); curl -sS -o /dev/null -D $h http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next; id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *//p' $h | tr -d '\\r'); curl -sS -X POST -d '\"runtime of a layer\"' http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response; done\n")
        client.create_function(FunctionName="e2e-boot", Runtime="provided.al2023", Role="arn:aws:iam::000000000000:role/any", Handler="any", Code={"ZipFile": package(data="x")}, Timeout=20, Layers=[boot])
        name = "e2e-boot"
        assert call() == "runtime of a layer"
        client.delete_function(FunctionName=name)
        print("all is well")
        """;

    private const string Manifest = """
        service: layered
        provider: { name: aws, runtime: python3.11 }
        layers:
          shared:
            path: layer
            description: what functions share
            compatibleRuntimes: [python3.11]
        functions:
          user: { name: layered-user, handler: app.handler, layers: [ { Ref: SharedLambdaLayer } ] }
          none: { name: layered-none, handler: app.handler }
        package: { patterns: [ '!layer/**' ] }
        """;

    private const string Code = """
        def handler(event, context):
            try:
                import shared
                return shared.WHO
            except ImportError:
                return 'none'
        """;

    [Fact]
    public async Task Function_ImportsFromItsLayersInOrder_AndOutlivesTheirDeletion()
    {
        var python = await Machine.NeedBoto3Async();
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder().Write("job.py", Boto3);

        var outcome = await Tool.RunAsync(python, [folder["job.py"], server.Endpoint, .. Machine.Find("node") is null ? Array.Empty<string>() : ["node"]], folder: folder.Path);

        outcome.ShouldSucceed().Text.Trim().ShouldBe("all is well");
    }

    [Fact]
    public async Task LayerOfAManifest_IsPublishedOnce_AndAgainWhenItsContentChanges()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Code).Write("layer/python/shared.py", "WHO = 'one'\n");
        await using var server = await MayflyServer.UpAsync(project.Path);
        (await server.InvokeAsync("layered-user")).Payload.ShouldBe("\"one\"");
        (await server.InvokeAsync("layered-none")).Payload.ShouldBe("\"none\"");
        (await VersionsAsync(server)).ShouldBe("1");

        project.Write("layer/python/shared.py", "WHO = 'two'\n");
        await Until.TrueAsync(async () => (await server.InvokeAsync("layered-user")).Payload == "\"two\"", "the edit of the layer to be live", 20);
        (await VersionsAsync(server)).ShouldBe("2");

        project.Write("app.py", Code.Replace("'none'", "'nothing'", StringComparison.Ordinal));
        await Until.TrueAsync(async () => (await server.InvokeAsync("layered-none")).Payload == "\"nothing\"", "the edit of the function to be live", 20);
        (await server.InvokeAsync("layered-user")).Payload.ShouldBe("\"two\"");
        (await VersionsAsync(server)).ShouldBe("2");
    }

    private static async Task<string> VersionsAsync(MayflyServer server)
    {
        var listed = System.Text.Json.Nodes.JsonNode.Parse(await server.Http.GetStringAsync("/2018-10-31/layers/shared/versions"))!;
        return string.Join(',', listed["LayerVersions"]!.AsArray().Select(static version => version!["Version"]!.ToString()));
    }
}
