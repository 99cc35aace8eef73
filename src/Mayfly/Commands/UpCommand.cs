using System.CommandLine;
using Mayfly.Client;
using Mayfly.Deploying;
using Mayfly.Output;
using Mayfly.Settings;
using Mayfly.Supervision;

namespace Mayfly.Commands;

/// <summary><c>mayfly up</c>: from a folder to answering functions, and from each edit to the next.</summary>
public static class UpCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var folder = new Argument<string?>("folder") { Description = "The folder with the service [default: this one]", Arity = ArgumentArity.ZeroOrOne };
        var clock = new Option<DateTimeOffset?>("--clock")
        {
            Description = "The time to begin with for schedules and retries; it stands until POST /_mayfly/api/clock moves it [default: the machine's clock]",
            HelpName = "time",
        };
        var command = new Command("up", "Run the functions of a folder here, and follow every edit") { folder, clock };
        var options = new SettingOptions(command, SettingDefinition.All);
        command.SetAction(async (parsed, _) =>
        {
            var place = Folders.Require(parsed.GetValue(folder));
            var settings = options.Read(parsed, place);
            var state = new StateFolder(Path.Combine(place, StateFolder.FolderName));
            Supervisor? supervisor = null;
            using var signals = new StopSignals(() => supervisor?.Kill());

            // 1. Start the server; 2. meanwhile the manifest is read and built.
            supervisor = await Supervisor.StartAsync(state, SupervisorOptions.From(settings) with { Clock = parsed.GetValue(clock) }, terminal.Warn, TimeProvider.System, signals.Token);
            await using var stopping = supervisor;
            var project = new Project(place, state, supervisor.Catalog, settings, terminal.Progress);
            using var client = new AdminClient(new Uri(supervisor.Endpoint));
            using var session = new UpSession(terminal, project, client, place, TimeProvider.System);
            var ready = supervisor.WaitReadyAsync(signals.Token);
            try
            {
                // 3. Deploy, then log and watch until a signal.
                await session.RunAsync(ready, signals.Token);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                // The usual end.
            }

            terminal.Say("stopping");
            await supervisor.StopAsync();
            return ExitCode.Done;
        });
        return (command, ["mayfly up samples/hello", "mayfly up --port 5000 --stage test", "mayfly up --clock 2026-03-29T00:00:00Z"]);
    }
}
