using System.Text.Json;
using Mayfly.Commands;

namespace Mayfly.Server.Tests.Cli;

public sealed class CommandLineTests
{
    private const string NoServer = "http://127.0.0.1:1";

    [Theory]
    [InlineData(ExitCode.Usage, "unknown command 'invok'; did you mean 'invoke'?", "invok")]
    [InlineData(ExitCode.Usage, "unknown option '--porte'; did you mean '--port'?", "config", "--porte")]
    [InlineData(ExitCode.Usage, "--port: port must be a whole number from 1 to 65535, not 'x'", "config", "--port", "x")]
    [InlineData(ExitCode.Usage, "there is no folder /nonexistent", "up", "/nonexistent")]
    [InlineData(ExitCode.Usage, "--payload and --file exclude each other", "invoke", "f", "-p", "{}", "-f", "x", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "'a b' is no function: write a name, name:qualifier or an ARN", "invoke", "a b", "-p", "{}", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "'nowhere' is no base URL; write it like http://127.0.0.1:4566", "ls", "--endpoint", "nowhere")]
    [InlineData(ExitCode.Usage, "--since: '5x' must look like 30s, 5m, 2h or 1d", "logs", "--since", "5x", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "name an event or write --all", "events", "redrive", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "an id and --all exclude each other", "events", "redrive", "1", "--all", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "--payload is for one event, not for --all", "events", "redrive", "--all", "--payload", "x", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "--function is for --all", "events", "redrive", "1", "--function", "x", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "there is no file /nonexistent", "events", "redrive", "1", "--payload", "/nonexistent", "--endpoint", NoServer)]
    [InlineData(ExitCode.Usage, "--limit: 0 is not from 1 to 1000", "events", "--limit", "0", "--endpoint", NoServer)]
    [InlineData(ExitCode.NoServer, "no server answers at http://127.0.0.1:1: start one with: mayfly up", "events", "--dead", "--endpoint", NoServer)]
    [InlineData(ExitCode.NoServer, "no server answers at http://127.0.0.1:1: start one with: mayfly up", "ls", "--endpoint", NoServer)]
    [InlineData(ExitCode.NoServer, "no server answers at http://127.0.0.1:1: start one with: mayfly up", "invoke", "f", "-p", "{}", "--endpoint", NoServer)]
    public async Task AWrongCall_SaysWhyAndExitsWithItsCode(int status, string message, params string[] words)
    {
        var (code, output, error) = await RunAsync(words);
        code.ShouldBe(status);
        output.ShouldBeEmpty();
        error.Split('\n')[0].ShouldBe("error: " + message);
    }

    [Fact]
    public async Task AWrongCallOfAMachine_SaysWhyInJson()
    {
        var (code, _, error) = await RunAsync("ls", "--json", "--endpoint", NoServer);
        using var document = JsonDocument.Parse(error);
        document.RootElement.GetProperty("exitCode").GetInt32().ShouldBe(code);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("serve")]
    [InlineData("deploy")]
    [InlineData("invoke")]
    [InlineData("logs")]
    [InlineData("events")]
    [InlineData("ls")]
    [InlineData("rm")]
    [InlineData("new")]
    [InlineData("config")]
    public async Task HelpOfACommand_EndsWithAnExampleOfIt(string command)
    {
        var (code, output, _) = await RunAsync(command, "--help");
        code.ShouldBe(0);
        var examples = output[output.IndexOf("Example", StringComparison.Ordinal)..];
        examples.ShouldContain("mayfly " + command);
        output.ShouldContain("--json");
    }

    [Fact]
    public async Task Config_PrintsEachSettingWithItsSource()
    {
        using var folder = new TemporaryFolder();
        var (code, output, _) = await RunAsync("config", folder.Path, "--port", "5000", "--json");
        code.ShouldBe(0);
        using var document = JsonDocument.Parse(output);
        document.RootElement.GetProperty("port").GetProperty("value").GetString().ShouldBe("5000");
        document.RootElement.GetProperty("port").GetProperty("source").GetString().ShouldBe("flag");
        document.RootElement.GetProperty("account").GetProperty("source").GetString().ShouldBe("default");
    }

    [Fact]
    public async Task EveryTemplate_MakesAFolderWithItsOwnServiceName()
    {
        using var folder = new TemporaryFolder();
        foreach (var template in NewCommand.Names())
        {
            var target = Path.Combine(folder.Path, "shop-" + template);
            (await RunAsync("new", template, target)).Code.ShouldBe(0);
            File.ReadAllText(Path.Combine(target, "serverless.yml")).ShouldContain("service: shop-" + template);
            (await RunAsync("new", template, target)).Code.ShouldBe(ExitCode.Usage);
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(words, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
