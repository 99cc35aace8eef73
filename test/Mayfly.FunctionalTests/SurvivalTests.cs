using System.Diagnostics;
using System.Globalization;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary><c>kill -9</c> at any place: what was acknowledged is there, and nothing is left running.</summary>
public sealed class SurvivalTests
{
    private const int Rounds = 10;

    [Fact]
    public async Task ServerKilled_IsStartedAgain_AndEveryFunctionAnswers()
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        (await server.InvokeAsync("one", "1")).Payload.ShouldBe("1");

        var killed = ProcessTable.Role(server.Command.Id, "server");
        await KillAsync(killed.Id);

        await AnswersAsync(server, "one");
        await AnswersAsync(server, "two");
        ProcessTable.Role(server.Command.Id, "server").Id.ShouldNotBe(killed.Id);
        using var byUrl = await server.Http.GetAsync("/_url/one/");
        ((int)byUrl.StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task SandboxdKilled_IsStartedAgain_AndEveryFunctionAnswers()
    {
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        (await server.InvokeAsync("one", "1")).Payload.ShouldBe("1");

        await KillAsync(ProcessTable.Role(server.Command.Id, "sandboxd").Id);

        await AnswersAsync(server, "one");
        await AnswersAsync(server, "two");
    }

    [Fact]
    public async Task CommandKilled_LeavesNoOrphan_AndTheFunctionsAreThereAgain()
    {
        using var project = Project();
        var server = await MayflyServer.UpAsync(project.Path);
        await using var closing = server;
        (await server.InvokeAsync("one", "1")).Payload.ShouldBe("1");
        var before = ProcessTable.Tree(server.Command.Id);

        server.Command.Signal("KILL");

        IReadOnlyList<ProcessTable.Entry> alive = [];
        await Until.TrueAsync(() => (alive = ProcessTable.Alive(before)).Count == 0, "no orphan", 6)
            .ContinueWith(waited => waited.IsFaulted ? throw new ShouldAssertException($"orphans:\n{string.Join('\n', alive)}", waited.Exception!) : waited.Result, TaskScheduler.Default);
        await using var again = await MayflyServer.ServeAsync(project.Path);
        (await again.InvokeAsync("one", "7")).Payload.ShouldBe("7");
        (await again.InvokeAsync("two", "8")).Payload.ShouldBe("8");
        (await LambdaApi.NamesAsync(again)).ShouldBe(["one", "two"], ignoreOrder: true);
    }

    [Fact]
    public async Task AcknowledgedFunctions_SurviveKillsInALoop()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        var acknowledged = new List<string>();
        var attempts = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var id = ProcessTable.Role(server.Command.Id, "server").Id;
            var kill = KillAfterAsync(acknowledged, acknowledged.Count + 2 + (round % 3), id);
            while (!kill.IsCompleted)
            {
                var name = $"kept-{attempts++}";
                var zip = Zip.Of(("app.py", $"def handler(event, context):\n    return '{name}'\n"));
                try
                {
                    using var answer = await LambdaApi.TryCreateAsync(server, LambdaApi.Body(name, "python3.11", "app.handler", zip));
                    if ((int)answer.StatusCode == 201)
                    {
                        acknowledged.Add(name);
                    }
                }
                catch (HttpRequestException)
                {
                    // Not acknowledged: it may or may not be there.
                }
            }

            await kill;
            await Until.TrueAsync(() => server.IsBackAsync(id), "the server to be back", 30);
        }

        acknowledged.Count.ShouldBeGreaterThan(Rounds);
        var names = await LambdaApi.NamesAsync(server);
        acknowledged.Except(names).ShouldBeEmpty();
        (await server.InvokeAsync(acknowledged[0])).Payload.ShouldBe($"\"{acknowledged[0]}\"");
        (await server.InvokeAsync(acknowledged[^1])).Payload.ShouldBe($"\"{acknowledged[^1]}\"");
    }

    private static async Task KillAfterAsync(List<string> acknowledged, int count, int id)
    {
        await Until.TrueAsync(() => acknowledged.Count >= count, "enough functions to be made");
        await KillAsync(id);
    }

    private static Task AnswersAsync(MayflyServer server, string function) => Until.TrueAsync(async () =>
    {
        try
        {
            var answer = await server.InvokeAsync(function, "\"again\"");
            return answer.Payload == "\"again\"";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, $"{function} to answer again: {server.Command.All}", 30);

    private static async Task KillAsync(int id)
    {
        using var kill = Process.Start("/bin/kill", ["-9", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static TemporaryFolder Project() => new TemporaryFolder()
        .Write("serverless.yml", """
            service: surviving
            provider: { name: aws, runtime: python3.11 }
            functions:
              one: { name: one, handler: app.handler, url: true }
              two: { name: two, handler: app.handler }
            """)
        .Write("app.py", "def handler(event, context):\n    return event\n");
}
