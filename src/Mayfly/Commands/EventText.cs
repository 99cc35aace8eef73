using System.Globalization;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Spectre.Console;

namespace Mayfly.Commands;

/// <summary>Asynchronous events as a person reads them.</summary>
internal static class EventText
{
    private const int Padding = 2;
    private const int LeastReason = 16;

    private static readonly string[] Columns = ["ID", "STATE", "ATTEMPTS", "NEXT TRY", "AGE", "TARGET", "REASON"];

    /// <summary>A table; on a terminal the reason has what room is left of a line.</summary>
    public static void List(Terminal terminal, IReadOnlyList<EventReply> events)
    {
        var rows = events.Select(static found => (string[])
        [
            found.Id.ToString(CultureInfo.InvariantCulture),
            found.State,
            found.Attempts.ToString(CultureInfo.InvariantCulture),
            NextTry(found),
            Span(found.Now - found.Accepted),
            Short(found.Target),
            Plain(found.Reason ?? found.Condition ?? ""),
        ]).ToList();
        var taken = Enumerable.Range(0, Columns.Length - 1).Sum(column => Padding + Math.Max(Columns[column].Length, rows.Max(row => row[column].Length)));
        var room = Math.Max(LeastReason, terminal.Width - taken - Padding);
        var table = Terminal.NewTable(Columns);
        foreach (var row in rows)
        {
            row[^1] = Cut(row[^1], room);
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        terminal.Show(table);
    }

    /// <summary>An event line by line, and its payload.</summary>
    public static void Whole(Terminal terminal, EventReply found)
    {
        void Line(string name, string? value)
        {
            if (value is not null)
            {
                terminal.Plain.WriteLine($"{name,-11} {Plain(value)}");
            }
        }

        Line("id", found.Id.ToString(CultureInfo.InvariantCulture));
        Line("request id", found.RequestId);
        Line("target", found.Target);
        Line("state", found.State);
        Line("accepted", $"{Time(found.Accepted)} ({Span(found.Now - found.Accepted)} ago)");
        Line(found.Condition is null ? "next try" : "ended", Time(found.Due));
        Line("attempts", found.Attempts.ToString(CultureInfo.InvariantCulture));
        Line("refusals", found.Refusals == 0 ? null : found.Refusals.ToString(CultureInfo.InvariantCulture));
        Line("condition", found.Condition);
        Line("reason", found.Reason);
        foreach (var (name, value) in found.Attributes ?? new Dictionary<string, string>())
        {
            Line("attribute", $"{name}: {value}");
        }

        Line("payload", found.Payload is null ? "(Base64)" : "");
        terminal.Plain.WriteLine(found.Payload ?? found.PayloadBase64);
    }

    /// <summary>A target without what it shares with all others: a function's name, or the service and the name of something else.</summary>
    public static string Short(string target)
    {
        if (FunctionRef.TryParse(target, "", "", out var function))
        {
            return function.Qualifier is null ? function.Key.Name : $"{function.Key.Name}:{function.Qualifier}";
        }

        return target.Split(':', 6) is ["arn", _, var service, _, _, var name] ? $"{service}:{name}" : target;
    }

    /// <summary>A length of time in its largest unit.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds}s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d"),
    };

    // What a function says of its failure must not steer the terminal.
    private static string Plain(string text) => string.Create(text.Length, text, static (plain, text) =>
    {
        for (var i = 0; i < plain.Length; i++)
        {
            plain[i] = char.IsControl(text[i]) ? ' ' : text[i];
        }
    });

    private static string NextTry(EventReply found) => found.State switch
    {
        "waiting" => found.Due <= found.Now ? "now" : "in " + Span(found.Due - found.Now),
        _ => "-",
    };

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
