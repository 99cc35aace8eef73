using System.CommandLine;
using Mayfly.Output;
using Mayfly.Settings;
using Spectre.Console;

namespace Mayfly.Commands;

/// <summary><c>mayfly config</c>: prints each setting and where it came from.</summary>
public static class ConfigCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var folder = new Argument<string?>("folder") { Description = "The folder with mayfly.json [default: this one]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("config", "Print each setting and where it came from") { folder };
        var settings = new SettingOptions(command, SettingDefinition.All);
        command.SetAction(parsed =>
        {
            var values = settings.Read(parsed, Folders.Require(parsed.GetValue(folder))).Values;
            if (terminal.Json)
            {
                ShowJson(terminal, values);
                return ExitCode.Done;
            }

            var table = Terminal.NewTable("SETTING", "VALUE", "FROM", "VARIABLE");
            foreach (var value in values)
            {
                table.AddRow(value.Definition.Key, Markup.Escape(value.Value), Markup.Escape(value.Origin), $"[dim]{value.Definition.Variable}[/]");
            }

            terminal.Show(table);
            return ExitCode.Done;
        });
        return (command, ["mayfly config", "MAYFLY_PORT=5000 mayfly config --json"]);
    }

    private static void ShowJson(Terminal terminal, IReadOnlyList<SettingValue> values) => terminal.WriteJson(writer =>
    {
        writer.WriteStartObject();
        foreach (var value in values)
        {
            writer.WriteStartObject(value.Definition.Key);
            writer.WriteString("value", value.Value);
            writer.WriteString("source", value.Source.ToString().ToLowerInvariant());
            writer.WriteString("origin", value.Origin);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });
}
