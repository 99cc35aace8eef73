using Mayfly.Server;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Storage;
using Mayfly.Supervision;

namespace Mayfly.Roles;

/// <summary>The server: doors, invoker and store, with no rights of its own.</summary>
public static class ServerRole
{
    /// <summary>The word that selects it.</summary>
    public const string Name = "server";

    /// <summary>Runs until the parent ends or asks to stop.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        using var watch = ParentWatch.Begin();
        var arguments = new RoleArguments(words);
        var state = new StateFolder(arguments.Text("--state"));
        var settings = new ServerSettings
        {
            StoreFolder = state.Store,
            ShimsFolder = state.Shims,
            InterpretersFile = state.Interpreters,
            Account = arguments.Text("--account"),
            Region = arguments.Text("--region"),
            Objects = RemotePlace.TryParse(arguments.Optional("--objects") ?? "", out var place, out _) ? place : null,
            Clock = arguments.Moment("--clock"),
            Network = Enum.Parse<NetworkMode>(arguments.Text("--network")),
        };
        settings = settings with
        {
            Port = arguments.Number("--port") ?? settings.Port,
            StemMemoryMb = arguments.Number("--stem-memory") ?? settings.StemMemoryMb,
            MaxInstances = arguments.Number("--max-instances") ?? settings.MaxInstances,
        };
        try
        {
            await ServerHost.RunAsync(settings, watch.Stopping);
            return 0;
        }
        catch (Exception e) when (e is StoreException or IOException)
        {
            // The supervisor shows the last line.
            await Console.Error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }
}
