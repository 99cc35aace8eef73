using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Mayfly.Client;
using Mayfly.Output;
using Mayfly.Server.Services;
using Mayfly.Settings;
using Mayfly.Supervision;

namespace Mayfly.Commands;

/// <summary>The command line: all commands, and what every command has in common.</summary>
public static class CommandLine
{
    /// <summary>Runs one command and returns its exit status.</summary>
    /// <param name="words">The arguments.</param>
    /// <param name="output">Standard output; the console when absent.</param>
    /// <param name="error">Standard error; the console when absent.</param>
    public static async Task<int> RunAsync(string[] words, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= Console.Out;
        error ??= Console.Error;
        var terminal = new Terminal(output, error, json: words.TakeWhile(static word => word != "--").Contains("--json"));
        var root = Build(terminal);
        var parsed = root.Parse(words);
        if ((parsed.Errors.Count > 0 || Misspelt(parsed, words) is not null) && parsed.Action is not HelpWithExample)
        {
            ShowUsageErrors(terminal, root, parsed, words);
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e) when (Classify(e) is { } status)
        {
            terminal.Error(e.Message, status);
            return status;
        }
    }

    // The parser takes an unknown option for an argument's value.
    private static string? Misspelt(ParseResult parsed, string[] words) => words.Contains("--")
        ? null
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static result => result.Tokens).Select(static token => token.Value).FirstOrDefault(static value => value.StartsWith('-'));

    private static void ShowUsageErrors(Terminal terminal, RootCommand root, ParseResult parsed, string[] words)
    {
        var known = parsed.CommandResult.Command.Options.Select(static option => option.Name)
            .Concat(parsed.CommandResult.Command.Subcommands.Select(static command => command.Name));
        if ((Misspelt(parsed, words) ?? parsed.UnmatchedTokens.FirstOrDefault()) is { } unknown)
        {
            var hint = NearestName.Of(unknown, known) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            terminal.Error($"unknown {(unknown.StartsWith('-') ? "option" : parsed.CommandResult.Command == root ? "command" : "argument")} '{unknown}'{hint}", ExitCode.Usage);
        }
        else
        {
            terminal.Error(parsed.Errors[0].Message, ExitCode.Usage);
        }

        var names = parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ";
        terminal.Hint($"see: mayfly {names}--help");
    }

    private static int? Classify(Exception e) => e switch
    {
        SettingsException or ManifestException or UsageException => ExitCode.Usage,
        NoServerException => ExitCode.NoServer,
        RefusedException => ExitCode.Refused,
        SupervisorException => ExitCode.CannotStart,
        OperationCanceledException => ExitCode.Interrupted,
        _ => null,
    };

    private static RootCommand Build(Terminal terminal)
    {
        var examples = new Dictionary<Command, string[]>();
        var root = new RootCommand("Runs serverless functions on this machine: AWS Lambda's, without an account or containers.");
        var json = new Option<bool>("--json") { Description = "Print JSON for machines", Recursive = true };
        root.Options.Add(json);
        foreach (var (command, lines) in (IEnumerable<(Command, string[])>)
        [
            UpCommand.Create(terminal),
            ServeCommand.Create(terminal),
            DeployCommand.Create(terminal),
            InvokeCommand.Create(terminal),
            LogsCommand.Create(terminal),
            EventsCommand.Create(terminal),
            ListCommand.Create(terminal),
            SchedulesCommand.Create(terminal),
            RemoveCommand.Create(terminal),
            ImageCommand.Create(terminal),
            NewCommand.Create(terminal),
            ConfigCommand.Create(terminal),
        ])
        {
            root.Subcommands.Add(command);
            examples[command] = lines;
        }

        examples[root] = [NewCommand.Example];
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, examples);
        return root;
    }
}
