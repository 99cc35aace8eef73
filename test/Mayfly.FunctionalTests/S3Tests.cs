using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Buckets and objects on the real server, through the clients that people have, inside and outside of functions.</summary>
public sealed class S3Tests
{
    private const string Manifest = """
        service: objects
        provider: { name: aws, runtime: python3.11, timeout: 30 }
        functions:
          snippet: { name: snippet, handler: app.lambda_handler }
        """;

    // As in many a tutorial: no endpoint, no region, no credentials, and a name that only old buckets may have.
    private const string Snippet = """
        import boto3

        def lambda_handler(event, context):
            client = boto3.client('s3')
            response = client.put_object(
                Bucket='hello_world_bucket',
                Key='hello_world.txt',
                Body='Hello World!'
            )
            return response
        """;

    [Fact]
    public async Task TheSnippet_StoresAnObject_ThatTheCommandLineReads()
    {
        var python = await NeedCliAsync();
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Snippet);
        await using var server = await MayflyServer.UpAsync(project.Path);
        (await CliAsync(python, server, "s3", "mb", "s3://hello_world_bucket")).ShouldSucceed();

        var made = await server.InvokeAsync("snippet");
        made.FunctionError.ShouldBeNull(made.Payload);
        ((string?)made.Json!["ETag"]).ShouldBe("\"ed076287532e86365e841e92bfc50d8c\"");
        (await CliAsync(python, server, "s3", "cp", "s3://hello_world_bucket/hello_world.txt", "-")).ShouldSucceed().Text.ShouldBe("Hello World!");
        (await server.LogAsync()).ShouldContain("hello_world_bucket has a name that only old buckets may have");
    }

    [Fact]
    [Trait("runs", "once")]
    public async Task AThousandFiles_AreTheSame_ThereAndBack()
    {
        var python = await NeedCliAsync();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        (await Tool.RunAsync(python, ["-c", """
            import os, sys
            for i in range(1000):
                folder = os.path.join(sys.argv[1], 'there', f'd{i % 7}', f'e {i % 3}')
                os.makedirs(folder, exist_ok=True)
                with open(os.path.join(folder, f'f{i} ü+%.txt'), 'wb') as file:
                    file.write(os.urandom(i * 37 % 20011))
            """, folder.Path])).ShouldSucceed();

        (await CliAsync(python, server, "s3", "mb", "s3://files")).ShouldSucceed();
        (await CliAsync(python, server, "s3", "sync", "--quiet", folder["there"], "s3://files/all")).ShouldSucceed();
        (await CliAsync(python, server, "s3", "sync", "--quiet", "s3://files/all", folder["back"])).ShouldSucceed();
        (await Tool.RunAsync("diff", ["-r", folder["there"], folder["back"]])).ShouldSucceed().Text.ShouldBe("");
        Directory.EnumerateFiles(folder["back"], "*", SearchOption.AllDirectories).Count().ShouldBe(1000);
        (await CliAsync(python, server, "s3", "sync", folder["there"], "s3://files/all")).ShouldSucceed().Text.ShouldBe("", "all is there already");
    }

    [Fact]
    [Trait("runs", "once")]
    public async Task AGigabyte_GoesThrough_AndTheServerDoesNotGrow()
    {
        var python = await NeedCliAsync();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        (await CliAsync(python, server, "s3", "mb", "s3://large")).ShouldSucceed();
        (await Tool.RunAsync("sh", ["-c", "head -c 33554432 /dev/urandom > \"$0\"; head -c 1073741824 /dev/urandom > \"$1\"", folder["warm"], folder["big"]])).ShouldSucceed();
        (await CliAsync(python, server, "s3", "cp", "--quiet", folder["warm"], "s3://large/warm")).ShouldSucceed();
        (await CliAsync(python, server, "s3", "cp", "--quiet", "s3://large/warm", folder["back"])).ShouldSucceed();
        var before = Peak(server);

        (await CliAsync(python, server, "s3", "cp", "--quiet", folder["big"], "s3://large/big")).ShouldSucceed();
        (await CliAsync(python, server, "s3", "cp", "--quiet", "s3://large/big", folder["back"])).ShouldSucceed();
        (await Tool.RunAsync("cmp", [folder["big"], folder["back"]])).ShouldSucceed();
        (Peak(server) - before).ShouldBeLessThan(100 * 1024, "KiB");
    }

    [Fact]
    [Trait("runs", "once")]
    public async Task LinksFormsPagesAndOddRequests_AreAnsweredAsByS3()
    {
        var python = await Machine.NeedBoto3Async();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);

        var seen = (await Tool.RunAsync(python, [ClientFixtures.At("s3links.py"), server.Endpoint])).ShouldSucceed().Json;

        foreach (var signature in new[] { "old", "new" })
        {
            Said(seen[signature]!["put"]).ShouldBe("200");
            Said(seen[signature]!["get"]).ShouldBe("""[200,"by a link","text/html"]""");
            Said(seen[signature]!["range"]).ShouldBe("""[206,"a"]""");
            Said(seen[signature]!["tampered"]).ShouldBe("""[[403,"SignatureDoesNotMatch"],[403,"SignatureDoesNotMatch"],[403,"SignatureDoesNotMatch"],[403,"SignatureDoesNotMatch"]]""");
            Said(seen[signature]!["unknown"]).ShouldBe("200");
            Said(seen[signature]!["expired"]).ShouldBe("""[[403,"AccessDenied"],[403,"AccessDenied"]]""");
            Said(seen[signature]!["form"]).ShouldBe("""[201,true,"0123456789"]""");
            Said(seen[signature]!["forms"]).ShouldBe("""[[400,"EntityTooLarge"],[400,"EntityTooSmall"],[403,"AccessDenied"],[403,"AccessDenied"],[403,"AccessDenied"],[400,"InvalidArgument"]]""");
        }

        var pages = seen["pages"]!.AsArray();
        Said(pages[0]).ShouldBe("""[403,"AccessForbidden"]""");
        Said(pages[1]).ShouldBe("""[403,"AccessDenied"]""", "a page of elsewhere with a link, and no rule");
        Said(pages[2]).ShouldBe("200", "a page of this machine with a link");
        Said(pages[3]).ShouldBe("""[200,"https://shop.example","PUT, GET","x-any","ETag"]""");
        ((string?)pages[4]![1]).ShouldBe("https://shop.example");
        Said(pages[5]).ShouldBe("""[403,"AccessForbidden"]""");
        Said(pages[6]).ShouldBe("""[403,"AccessDenied"]""");

        Said(seen["keys"]).ShouldBe("""[[],400,[400,"InvalidURI"],[400,"KeyTooLongError"],[400,"MalformedXML"],[400,"MalformedXML"],[400,"MalformedXML"],[400,"MaxMessageLengthExceeded"]]""");
        Said(seen["doors"]).ShouldBe("""[404,true,["functions/"],["functions/"],["functions/"],["functions/"],true,true,404,[200,"x"],[200,"x"]]""");
    }

    private static string Said(JsonNode? node) => node!.ToJsonString();

    private static long Peak(MayflyServer server)
    {
        var status = File.ReadAllLines($"/proc/{ProcessTable.Role(server.Command.Id, "server").Id}/status");
        return long.Parse(status.First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim('\t'), CultureInfo.InvariantCulture);
    }

    private static async Task<string> NeedCliAsync()
    {
        var python = await Machine.NeedBoto3Async();
        var asked = await Tool.RunAsync(python, ["-c", "import awscli.clidriver"]);
        Assert.SkipUnless(asked.Status == 0, "this machine has no aws command line: apt-get install awscli");
        return python;
    }

    private static Task<Tool.Outcome> CliAsync(string python, MayflyServer server, params string[] words) => Tool.RunAsync(
        python,
        ["-c", "import sys; from awscli.clidriver import main; sys.exit(main())", .. words, "--endpoint-url", server.Endpoint],
        environment: new Dictionary<string, string?> { ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test", ["AWS_DEFAULT_REGION"] = "us-east-1", ["AWS_EC2_METADATA_DISABLED"] = "true" },
        seconds: 300);
}
