using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The first minute with Mayfly: <c>mayfly up samples/hello</c>.</summary>
public sealed class HelloTests(ITestOutputHelper output)
{
    private const string IssueCode = """
        import json

        def hello_world(event, context):
            response = {
                "statusCode": 200,
                "body": json.dumps('Hello World!')
            }
            return response
        """;

    [Fact]
    public async Task Sample_AnswersOnEveryPrintedUrl()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "samples/hello")), "samples/hello does not lie beside the tests");
        using var project = new TemporaryFolder("samples/hello");
        (await File.ReadAllTextAsync(Directory.EnumerateFiles(project.Path, "hello.py", SearchOption.AllDirectories).Single())).Trim().ShouldBe(IssueCode.Trim());
        await using var server = await MayflyServer.UpAsync(project.Path);

        var functions = server.Deployed["functions"]!.AsArray();
        functions.Count.ShouldBeGreaterThanOrEqualTo(7);
        foreach (var function in functions)
        {
            if (!(bool)function!["deployed"]!)
            {
                var problem = (string?)function["problem"];
                output.WriteLine($"{function["key"]}: not deployed: {problem}");
                problem.ShouldNotBeNull();
                problem.ShouldMatch("apt-get install|install ", $"{function.ToJsonString()}");
                continue;
            }

            var url = (string)function["url"]!;
            using var answer = await server.Http.GetAsync(new Uri(url));
            var text = await answer.Content.ReadAsStringAsync();
            output.WriteLine($"{function["key"]}: {(int)answer.StatusCode} {text.Trim()}");
            ((int)answer.StatusCode).ShouldBe(200, $"{function["key"]}: {text} {answer.Headers}");
            text.ShouldContain("Hello");
        }

        ((bool)server.FunctionOf("python")["deployed"]!).ShouldBeTrue(server.FunctionOf("python").ToJsonString());
        (await server.Http.GetStringAsync(new Uri((string)server.FunctionOf("python")["url"]!))).ShouldBe("\"Hello World!\"");
        foreach (var (key, tool) in new[] { ("node", "node"), ("go", "go"), ("shell", "curl"), ("http", "node"), ("csharp", "dotnet"), ("csharp-file", "dotnet") })
        {
            if (Machine.Find(tool) is not null)
            {
                ((bool)server.FunctionOf(key)["deployed"]!).ShouldBeTrue(server.FunctionOf(key).ToJsonString());
            }
        }
    }

    [Fact]
    public async Task MissingToolchain_IsNamedWithItsPackage_AndTheOthersServe()
    {
        using var tools = new TemporaryFolder();
        foreach (var tool in new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin" }.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
        {
            var name = Path.GetFileName(tool);
            if (name is not ("go" or "gofmt" or "gccgo") && !File.Exists(tools[name]))
            {
                File.CreateSymbolicLink(tools[name], tool);
            }
        }

        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: partly
                provider: { name: aws, runtime: python3.11 }
                functions:
                  works: { handler: hello.hello_world, url: true }
                  compiled: { runtime: provided.al2023, handler: bootstrap, url: true, mayfly: { folder: go } }
                """)
            .Write("hello.py", IssueCode)
            .Write("go/go.mod", "module hello\n\ngo 1.19\n")
            .Write("go/main.go", "package main\n\nfunc main() {\n}\n");
        await using var server = await MayflyServer.UpAsync(project.Path, new Dictionary<string, string?> { ["PATH"] = tools.Path });

        var compiled = server.FunctionOf("compiled");
        ((bool)compiled["deployed"]!).ShouldBeFalse();
        ((string)compiled["problem"]!).ShouldContain("golang-go");
        (await server.Http.GetStringAsync(new Uri((string)server.FunctionOf("works")["url"]!))).ShouldBe("\"Hello World!\"");
    }

    [Fact]
    public async Task FolderWithOneHandlerFile_NeedsNoManifest()
    {
        using var project = new TemporaryFolder().Write("hello.py", IssueCode);
        await using var server = await MayflyServer.UpAsync(project.Path);

        var function = server.Deployed["functions"]!.AsArray().ShouldHaveSingleItem()!;

        (await server.Http.GetStringAsync(new Uri((string)function["url"]!))).ShouldBe("\"Hello World!\"");
        (await File.ReadAllTextAsync(project[".mayfly/.gitignore"])).Trim().ShouldBe("*");
        (File.GetUnixFileMode(project[".mayfly"]) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task PrintedTable_NamesFunctionsAndUrls()
    {
        using var project = new TemporaryFolder().Write("hello.py", IssueCode);
        await using var command = MayflyProcess.Start(["up", project.Path, "--port", Machine.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture)], project.Path);

        await command.LineAsync("watching for changes");

        var line = await command.LineAsync("/_url/");
        line.ShouldContain("http://127.0.0.1:");
        var url = line[line.IndexOf("http://", StringComparison.Ordinal)..].Split(' ')[0];
        using var http = new HttpClient();
        (await http.GetStringAsync(new Uri(url))).ShouldBe("\"Hello World!\"");
        await command.LineAsync("START RequestId: ");
        await command.LineAsync("REPORT RequestId: ");
    }
}
