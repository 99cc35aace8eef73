using System.CommandLine;
using System.Globalization;
using Mayfly.Server.Dialects.Native;
using Mayfly.Output;
using Spectre.Console;

namespace Mayfly.Commands;

/// <summary><c>mayfly ls</c>: lists what is deployed.</summary>
public static class ListCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var endpoint = new EndpointOption();
        var command = new Command("ls", "List what is deployed") { endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var functions = await client.ListAsync(cancellationToken);
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(System.Text.Json.JsonSerializer.Serialize([.. functions], NativeJson.Default.FunctionReplyArray));
            }
            else if (functions.Count == 0)
            {
                terminal.Say("nothing is deployed");
            }
            else
            {
                Show(terminal, functions);
            }

            return ExitCode.Done;
        });
        return (command, ["mayfly ls", "mayfly ls --json | jq -r '.[].name'"]);
    }

    private static void Show(Terminal terminal, IReadOnlyList<FunctionReply> functions)
    {
        var table = Terminal.NewTable("FUNCTION", "SERVICE", "RUNTIME", "CHANGED", "URL");
        foreach (var function in functions.OrderBy(static f => f.Service, StringComparer.Ordinal).ThenBy(static f => f.Name, StringComparer.Ordinal))
        {
            table.AddRow(
                Markup.Escape(function.Name),
                Markup.Escape(function.Service ?? ""),
                Markup.Escape(function.Runtime),
                function.LastModified.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                Markup.Escape(function.Url ?? ""));
        }

        terminal.Show(table);
    }
}
