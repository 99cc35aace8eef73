using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;
using Spectre.Console;

namespace Mayfly.Commands;

/// <summary><c>mayfly schedules</c>: lists what fires at times, and when next.</summary>
public static class SchedulesCommand
{
    private const string Format = "ddd yyyy-MM-dd HH:mm:ss zzz";

    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var name = new Argument<string?>("name") { Description = "Show the next ten times of this rule or schedule", Arity = ArgumentArity.ZeroOrOne };
        var endpoint = new EndpointOption();
        var command = new Command("schedules", "List what fires at times, and when next") { name, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var only = parsed.GetValue(name);
            var schedules = await client.SchedulesAsync(only, cancellationToken);
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize([.. schedules], NativeJson.Default.ScheduleReplyArray));
            }
            else if (only is not null)
            {
                foreach (var schedule in schedules)
                {
                    ShowTimes(terminal, schedule);
                }
            }
            else if (schedules.Count == 0)
            {
                terminal.Say("nothing has a schedule");
            }
            else
            {
                Show(terminal, schedules);
            }

            return ExitCode.Done;
        });
        return (command, ["mayfly schedules", "mayfly schedules nightly"]);
    }

    private static void Show(Terminal terminal, IReadOnlyList<ScheduleReply> schedules)
    {
        var table = Terminal.NewTable("SCHEDULE", "TIMES", "NEXT", "TARGET");
        foreach (var schedule in schedules)
        {
            table.AddRow(
                Markup.Escape(schedule.Name),
                Markup.Escape(schedule.Zone == "UTC" ? schedule.Expression : $"{schedule.Expression} {schedule.Zone}"),
                !schedule.Enabled ? "disabled" : schedule.Next is [var next, ..] ? Shown(next) : "never",
                Markup.Escape(string.Join(", ", schedule.Targets.Select(static arn => arn[(arn.LastIndexOf(':') + 1)..]))));
        }

        terminal.Show(table);
    }

    // In the schedule's own zone and in the reader's, which need not be the same.
    private static void ShowTimes(Terminal terminal, ScheduleReply schedule)
    {
        terminal.Say($"{schedule.Name}: {schedule.Expression} in {schedule.Zone}{(schedule.Enabled ? "" : " (disabled)")}");
        if (schedule.Next.Length == 0)
        {
            terminal.Say("never again");
            return;
        }

        var table = Terminal.NewTable(schedule.Zone.ToUpperInvariant(), $"HERE ({TimeZoneInfo.Local.Id})");
        foreach (var next in schedule.Next)
        {
            table.AddRow(Shown(next), Shown(next.ToLocalTime()));
        }

        terminal.Show(table);
    }

    private static string Shown(DateTimeOffset moment) => moment.ToString(Format, CultureInfo.InvariantCulture);
}
