using System.CommandLine;
using Mayfly.Client;
using Mayfly.Deploying;
using Mayfly.Output;
using Mayfly.Server.Functions;
using Mayfly.Settings;
using Mayfly.Supervision;

namespace Mayfly.Commands;

/// <summary><c>mayfly serve</c>: the server without a manifest.</summary>
public static class ServeCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var place = new Option<string?>("--data") { Description = "Folder for the state [default: .mayfly in this folder]", HelpName = "folder" };
        var command = new Command("serve", "Run the server; deploy to it with deploy or the Lambda API") { place };
        var options = new SettingOptions(command, SettingDefinition.Port, SettingDefinition.Account, SettingDefinition.Region, SettingDefinition.MaxInstances, SettingDefinition.StemMemory, SettingDefinition.Objects);
        command.SetAction(async (parsed, _) =>
        {
            var settings = options.Read(parsed, Environment.CurrentDirectory);
            var state = new StateFolder(Path.GetFullPath(parsed.GetValue(place) ?? StateFolder.FolderName));
            Supervisor? supervisor = null;
            using var signals = new StopSignals(() => supervisor?.Kill());
            supervisor = await Supervisor.StartAsync(state, SupervisorOptions.From(settings) with { Network = NetworkMode.Egress }, terminal.Warn, TimeProvider.System, signals.Token);
            await using var stopping = supervisor;
            await supervisor.WaitReadyAsync(signals.Token);
            Announce(terminal, supervisor.Endpoint);
            using var client = new AdminClient(new Uri(supervisor.Endpoint));
            await IsolationNotice.ShowAsync(client, terminal, signals.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, signals.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            terminal.Say("stopping");
            await supervisor.StopAsync();
            return ExitCode.Done;
        });
        return (command, ["mayfly serve --data /var/lib/mayfly", "AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws lambda list-functions"]);
    }

    private static void Announce(Terminal terminal, string endpoint)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("event", "ready");
                writer.WriteString("endpoint", endpoint);
                writer.WriteEndObject();
            });
        }

        terminal.Say($"serving on {endpoint} (Ctrl-C stops)");
    }
}
