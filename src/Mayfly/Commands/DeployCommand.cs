using System.Collections.Concurrent;
using System.CommandLine;
using Mayfly.Deploying;
using Mayfly.Output;
using Mayfly.Settings;
using Mayfly.Supervision;

namespace Mayfly.Commands;

/// <summary><c>mayfly deploy</c>: builds a folder and brings it to a running server.</summary>
public static class DeployCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var folder = new Argument<string?>("folder") { Description = "The folder with the service [default: this one]", Arity = ArgumentArity.ZeroOrOne };
        var endpoint = new EndpointOption();
        var command = new Command("deploy", "Build a folder and bring it to a running server") { folder, endpoint };
        var options = new SettingOptions(command, SettingDefinition.Account, SettingDefinition.Region, SettingDefinition.Stage);
        command.SetAction(async (parsed, _) =>
        {
            var place = Folders.Require(parsed.GetValue(folder));
            var settings = options.Read(parsed, place);
            using var signals = new StopSignals(static () => { });
            using var client = endpoint.Connect(parsed, place);
            await client.RequireAsync(signals.Token);
            var state = new StateFolder(Path.Combine(place, StateFolder.FolderName));
            state.Create();
            var project = new Project(place, state, await Preparation.PrepareAsync(state, signals.Token), settings, terminal.Progress);
            var manifest = project.Read();
            var builds = new ConcurrentQueue<FunctionBuild>();
            using var deployer = new ServiceDeployer(client, project.BuildAsync, project.PackLayerAsync, TimeProvider.System);
            await deployer.DeployAsync(manifest, static _ => true, static _ => true, builds.Enqueue, signals.Token);
            new DeploymentReport(terminal, client.Endpoint.GetLeftPart(UriPartial.Authority)).Show(manifest, deployer.Serving, [.. builds]);
            return builds.Any(static build => build.Problem is not null) ? ExitCode.Failed : ExitCode.Done;
        });
        return (command, ["mayfly deploy shop --stage prod", "mayfly deploy --endpoint http://127.0.0.1:4566 --json"]);
    }
}
