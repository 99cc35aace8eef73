using System.Diagnostics;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Edits while <c>mayfly up</c> runs.</summary>
public sealed class WatchTests(ITestOutputHelper output)
{
    private const string Manifest = """
        service: watched
        provider: { name: aws, runtime: python3.11 }
        functions:
          edited: { name: edited, handler: app.handler }
        """;

    [Fact]
    public async Task EditOfAnInterpretedFunction_IsLiveWithinASecond()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Python(0));
        await using var server = await MayflyServer.UpAsync(project.Path);
        (await server.InvokeAsync("edited")).Payload.ShouldBe("0");

        for (var version = 1; version <= 3; version++)
        {
            var took = await EditAsync(server, project, "app.py", Python(version), version);
            output.WriteLine($"edit {version} was live after {took.TotalMilliseconds:0} ms");
            took.TotalSeconds.ShouldBeLessThan(1);
        }
    }

    [Fact]
    public async Task EditByRename_AsEditorsSave_IsLiveToo()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Python(0));
        await using var server = await MayflyServer.UpAsync(project.Path);

        project.Write("app.py~new", Python(5));
        File.Move(project["app.py~new"], project["app.py"], overwrite: true);

        await Until.TrueAsync(async () => (await server.InvokeAsync("edited")).Payload == "5", "the edit to be live", 5);
    }

    [Fact]
    public async Task EditOfTheManifest_AddsAFunction_AndAnErrorKeepsTheLastGoodOne()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Python(1));
        await using var server = await MayflyServer.UpAsync(project.Path);

        project.Write("serverless.yml", Manifest + "\n  second: { name: second, handlr: app.handler }\n");
        var told = await server.Command.LineAsync("serverless.yml:5", 20);
        told.ShouldContain("handlr");
        told.ShouldContain("handler");
        server.Command.All.ShouldContain("the last good version serves on");
        (await server.InvokeAsync("edited")).Payload.ShouldBe("1");

        project.Write("serverless.yml", Manifest + "\n  second: { name: second, handler: app.handler }\n");
        await Until.TrueAsync(async () => (await server.InvokeAsync("second")).Payload == "1", "the second function", 20);

        project.Write("serverless.yml", Manifest);
        await Until.TrueAsync(async () => (await server.InvokeAsync("second")).Status == 404, "the second function to be gone", 20);
        (await server.InvokeAsync("edited")).Payload.ShouldBe("1");
    }

    [Theory]
    [InlineData("go")]
    [InlineData("dotnet")]
    public async Task BrokenBuild_KeepsTheLastGoodVersion_AndSaysWhy(string language)
    {
        Machine.Need(language, language == "go" ? "golang-go" : "dotnet-sdk-10.0");
        using var project = language == "go" ? GoProject() : DotnetProject();
        var (file, code) = language == "go" ? ("main.go", Go("1")) : ("Watched.cs", Dotnet("1"));
        await using var server = await MayflyServer.UpForPersonAsync(project.Path);
        (await server.InvokeAsync("edited")).Payload.ShouldBe("1");

        project.Write(file, code.Replace("\"1\"", "noSuchThing", StringComparison.Ordinal));
        await server.Command.LineAsync("the last good version serves on", 120);
        await server.Command.LineAsync("noSuchThing", 10);
        (await server.InvokeAsync("edited")).Payload.ShouldBe("1");

        var took = await EditAsync(server, project, file, code.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), 2, 120);
        output.WriteLine($"the mended {language} function was live after {took.TotalMilliseconds:0} ms");
    }

    /// <summary>Writes a file and waits for its effect. The last good version answers until then.</summary>
    private static async Task<TimeSpan> EditAsync(MayflyServer server, TemporaryFolder project, string file, string text, int version, double seconds = 10)
    {
        var before = (await server.InvokeAsync("edited")).Payload;
        var begun = Stopwatch.GetTimestamp();
        project.Write(file, text);
        await Until.TrueAsync(async () =>
        {
            var answer = await server.InvokeAsync("edited");
            answer.Payload.ShouldBeOneOf(before, $"{version}");
            return answer.Payload == $"{version}";
        }, $"version {version} to be live: {server.Command.All}", seconds);
        return Stopwatch.GetElapsedTime(begun);
    }

    private static string Python(int version) => $"def handler(event, context):\n    return {version}\n";

    private static TemporaryFolder GoProject() => new TemporaryFolder()
        .Write("serverless.yml", Manifest.Replace("handler: app.handler", "handler: bootstrap, runtime: provided.al2023", StringComparison.Ordinal))
        .Write("go.mod", "module watched\n\ngo 1.19\n")
        .Write("main.go", Go("1"));

    private static string Go(string version) => $$"""
        package main

        import (
        	"net/http"
        	"os"
        	"strings"
        )

        func main() {
        	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
        	for {
        		next, err := http.Get(api + "next")
        		if err != nil {
        			panic(err)
        		}
        		next.Body.Close()
        		answer, err := http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", strings.NewReader("{{version}}"))
        		if err != nil {
        			panic(err)
        		}
        		answer.Body.Close()
        	}
        }
        """;

    private static TemporaryFolder DotnetProject() => new TemporaryFolder()
        .Write("serverless.yml", Manifest.Replace("handler: app.handler", "handler: 'Watched::Watched.Function::Handle', runtime: dotnet10", StringComparison.Ordinal))
        .Write("Watched.cs", Dotnet("1"));

    private static string Dotnet(string version) => $$"""
        namespace Watched;

        public static class Function
        {
            public static int Handle() => int.Parse("{{version}}");
        }
        """;
}
