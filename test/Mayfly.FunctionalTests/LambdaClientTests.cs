using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The unmodified clients that people use with AWS Lambda do the main job.</summary>
public sealed class LambdaClientTests(SharedServer shared)
{
    private const string Code = """
        import json

        def hello_world(event, context):
            response = {
                "statusCode": 200,
                "body": json.dumps('Hello World!')
            }
            return response
        """;

    private const string Boto3 = """
        import base64, io, json, sys, urllib.request, zipfile
        import boto3
        from botocore.config import Config
        from botocore.exceptions import ClientError

        endpoint = sys.argv[1]
        client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))

        def package(text):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("app.py", text)
            return buffer.getvalue()

        name = "by-boto3"
        made = client.create_function(FunctionName=name, Runtime="python3.11", Role="arn:aws:iam::000000000000:role/any", Handler="app.handler",
            Code={"ZipFile": package("import os\ndef handler(event, context):\n    print('seen', event)\n    return {'v': 1, 'e': event, 'name': os.environ.get('WHO')}\n")},
            Timeout=5, MemorySize=256, Environment={"Variables": {"WHO": "first"}}, Description="made by a test", Tags={"a": "b"})
        assert made["FunctionArn"] == "arn:aws:lambda:us-east-1:000000000000:function:by-boto3", made
        client.get_waiter("function_active_v2").wait(FunctionName=name)

        answer = client.invoke(FunctionName=name, Payload=json.dumps({"x": 1}), LogType="Tail")
        payload = json.load(answer["Payload"])
        assert payload == {"v": 1, "e": {"x": 1}, "name": "first"}, payload
        assert "FunctionError" not in answer and answer["ExecutedVersion"] == "$LATEST" and answer["StatusCode"] == 200, answer
        log = base64.b64decode(answer["LogResult"]).decode()
        for part in ("START RequestId: ", "seen {'x': 1}", "END RequestId: ", "REPORT RequestId: ", "Memory Size: 256 MB"):
            assert part in log, (part, log)

        updated = client.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHO": "second"}}, Timeout=7)
        assert updated["Timeout"] == 7 and updated["MemorySize"] == 256 and updated["Environment"]["Variables"] == {"WHO": "second"}, updated
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert json.load(client.invoke(FunctionName=name, Payload=b"{}")["Payload"])["name"] == "second"

        code = client.update_function_code(FunctionName=name, ZipFile=package("def handler(event, context):\n    raise KeyError('gone')\n"))
        assert code["CodeSha256"] != made["CodeSha256"]
        failed = client.invoke(FunctionName=name)
        error = json.load(failed["Payload"])
        assert failed["FunctionError"] == "Unhandled" and error["errorType"] == "KeyError" and error["errorMessage"] == "'gone'" and error["stackTrace"], (failed, error)

        found = client.get_function(FunctionName=made["FunctionArn"])
        assert found["Configuration"]["Handler"] == "app.handler" and found["Tags"] == {"a": "b"}, found
        downloaded = urllib.request.urlopen(found["Code"]["Location"]).read()
        assert zipfile.ZipFile(io.BytesIO(downloaded)).namelist() == ["app.py"]
        assert client.get_function_configuration(FunctionName=name)["Description"] == "made by a test"
        assert name in [f["FunctionName"] for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}) for f in page["Functions"]]

        client.update_function_code(FunctionName=name, ZipFile=package("def handler(event, context):\n    return 'by url'\n"))
        url = client.create_function_url_config(FunctionName=name, AuthType="NONE", Cors={"AllowOrigins": ["*"]})["FunctionUrl"]
        assert client.get_function_url_config(FunctionName=name)["FunctionUrl"] == url
        assert urllib.request.urlopen(url).read() == b"by url"
        client.delete_function_url_config(FunctionName=name)

        def refused(kind, status, call, **arguments):
            try:
                call(**arguments)
            except ClientError as e:
                assert e.response["Error"]["Code"] == kind and e.response["ResponseMetadata"]["HTTPStatusCode"] == status, e.response
                return
            raise AssertionError(kind)

        refused("ResourceConflictException", 409, client.create_function, FunctionName=name, Runtime="python3.11", Role="arn:aws:iam::000000000000:role/any", Handler="app.handler", Code={"ZipFile": package("")})
        client.delete_function(FunctionName=name)
        refused("ResourceNotFoundException", 404, client.get_function, FunctionName=name)
        refused("ResourceNotFoundException", 404, client.invoke, FunctionName=name)
        refused("ResourceNotFoundException", 404, client.delete_function, FunctionName=name)
        refused("ResourceNotFoundException", 404, client.get_function_url_config, FunctionName=name)
        print("all is well")
        """;

    [Fact]
    public async Task AwsCommandLine_DoesTheMainJob()
    {
        var aws = Machine.Need("aws", "awscli");
        var curl = Machine.Need("curl", "curl");
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["one.zip"], Zip.Of(("app.py", Code)));
        await File.WriteAllBytesAsync(folder["two.zip"], Zip.Of(("app.py", Code.Replace("World", "again", StringComparison.Ordinal))));
        async Task<JsonNode> Lambda(params string[] words)
        {
            var outcome = (await Tool.RunAsync(aws, ["lambda", .. words, "--endpoint-url", server.Endpoint, "--output", "json"], folder: folder.Path)).ShouldSucceed();
            return outcome.Text.Trim().Length == 0 ? new JsonObject() : outcome.Json;
        }

        var made = await Lambda("create-function", "--function-name", "by-aws", "--runtime", "python3.11", "--handler", "app.hello_world", "--role", LambdaApi.Role, "--zip-file", "fileb://one.zip");
        ((string?)made["State"]).ShouldBe("Pending");

        var invoked = await Lambda("invoke", "--function-name", "by-aws", "--log-type", "Tail", "--payload", "e30=", "out.json");
        JsonNode.Parse(await File.ReadAllTextAsync(folder["out.json"]))!.ToJsonString().ShouldBe("""{"statusCode":200,"body":"\u0022Hello World!\u0022"}""");
        var log = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)invoked["LogResult"]!));
        log.ShouldMatch(@"(?s)START RequestId: .*END RequestId: .*REPORT RequestId: .*Duration: [\d.]+ ms.*Billed Duration: \d+ ms.*Memory Size: 128 MB.*Max Memory Used: \d+ MB.*Init Duration: [\d.]+ ms");

        await Lambda("update-function-code", "--function-name", "by-aws", "--zip-file", "fileb://two.zip");
        ((int?)(await Lambda("update-function-configuration", "--function-name", "by-aws", "--timeout", "9"))["Timeout"]).ShouldBe(9);
        await Lambda("wait", "function-updated", "--function-name", "by-aws");
        var url = (string)(await Lambda("create-function-url-config", "--function-name", "by-aws", "--auth-type", "NONE"))["FunctionUrl"]!;
        (await Tool.RunAsync(curl, ["-sS", "-i", url])).ShouldSucceed().Text.ShouldMatch("(?s)^HTTP/1.1 200 .*\"Hello again!\"$");

        (await Lambda("list-functions"))["Functions"]!.AsArray().Select(static function => (string)function!["FunctionName"]!).ShouldContain("by-aws");
        var location = (string)(await Lambda("get-function", "--function-name", "by-aws"))["Code"]!["Location"]!;
        (await Tool.RunAsync(curl, ["-sS", "-f", "-o", "got.zip", location], folder: folder.Path)).ShouldSucceed();
        (await File.ReadAllBytesAsync(folder["got.zip"])).ShouldBe(await File.ReadAllBytesAsync(folder["two.zip"]));

        await Lambda("delete-function", "--function-name", "by-aws");
        var gone = await Tool.RunAsync(aws, ["lambda", "get-function", "--function-name", "by-aws", "--endpoint-url", server.Endpoint]);
        gone.Status.ShouldNotBe(0);
        gone.Error.ShouldContain("ResourceNotFoundException");
        ((int)(await server.Http.GetAsync(new Uri(url))).StatusCode).ShouldBe(403);
    }

    [Fact]
    public async Task Boto3_DoesTheMainJob()
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder().Write("job.py", Boto3);

        var outcome = await Tool.RunAsync(python, [folder["job.py"], server.Endpoint], folder: folder.Path);

        outcome.ShouldSucceed().Text.Trim().ShouldBe("all is well");
    }

    [Fact]
    public async Task Regions_AreApart()
    {
        var aws = Machine.Need("aws", "awscli");
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["one.zip"], Zip.Of(("app.py", Code)));

        (await Tool.RunAsync(aws, ["lambda", "create-function", "--function-name", "far-away", "--runtime", "python3.11", "--handler", "app.hello_world", "--role", LambdaApi.Role, "--zip-file", "fileb://one.zip", "--endpoint-url", server.Endpoint, "--region", "eu-west-1"], folder: folder.Path)).ShouldSucceed();

        (await LambdaApi.NamesAsync(server)).ShouldNotContain("far-away");
        (await Tool.RunAsync(aws, ["lambda", "delete-function", "--function-name", "far-away", "--endpoint-url", server.Endpoint, "--region", "eu-west-1"])).ShouldSucceed();
    }
}
