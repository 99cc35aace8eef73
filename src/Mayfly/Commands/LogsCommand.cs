using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mayfly.Client;
using Mayfly.Output;
using Mayfly.Server.Telemetry;
using Mayfly.Supervision;

namespace Mayfly.Commands;

/// <summary><c>mayfly logs</c>: prints what functions printed.</summary>
public static class LogsCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var function = new Argument<string?>("function") { Description = "Only this function", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for more" };
        var since = new Option<string?>("--since") { Description = "Not older than this: 30s, 5m, 2h, 1d", HelpName = "age" };
        var endpoint = new EndpointOption();
        var command = new Command("logs", "Print what functions printed") { function, follow, since, endpoint };
        command.SetAction(async (parsed, _) =>
        {
            using var client = endpoint.Connect(parsed);
            using var signals = new StopSignals(static () => { });
            var from = parsed.GetValue(since) is { } text ? TimeProvider.System.GetUtcNow() - ParseAge(text) : (DateTimeOffset?)null;
            try
            {
                await foreach (var line in client.LogsAsync(parsed.GetValue(function), from, parsed.GetValue(follow), signals.Token))
                {
                    Show(terminal, line);
                }
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is how following ends.
            }

            return ExitCode.Done;
        });
        return (command, ["mayfly logs --since 5m", "mayfly logs hello -f"]);
    }

    /// <summary>Reads an age such as <c>5m</c>.</summary>
    /// <exception cref="UsageException">It has another form.</exception>
    public static TimeSpan ParseAge(string text)
    {
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 1_000_000)
        {
            switch (text[^1])
            {
                case 's': return TimeSpan.FromSeconds(number);
                case 'm': return TimeSpan.FromMinutes(number);
                case 'h': return TimeSpan.FromHours(number);
                case 'd': return TimeSpan.FromDays(number);
            }
        }

        throw new UsageException($"--since: '{text}' must look like 30s, 5m, 2h or 1d");
    }

    internal static void Show(Terminal terminal, LogLine line)
    {
        if (terminal.Json)
        {
            terminal.Plain.WriteLine(JsonSerializer.Serialize(line, FunctionLogsJson.Relaxed.LogLine));
            terminal.Plain.Flush();
            return;
        }

        terminal.Log(line.Function, line.Text);
    }
}
