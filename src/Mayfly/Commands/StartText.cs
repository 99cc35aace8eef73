using System.Globalization;
using System.Text;
using Mayfly.Client;

namespace Mayfly.Commands;

/// <summary>Words where the time of a call went, a line a step.</summary>
public static class StartText
{
    /// <summary>The words.</summary>
    public static string Of(InvokeOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var text = new StringBuilder();
        if (outcome.Start is not { Length: > 0 } start)
        {
            text.AppendLine("warm: an instance was waiting");
        }
        else
        {
            var parts = start.Split(';');
            text.AppendLine(CultureInfo.InvariantCulture, $"cold: {Meaning(parts[0])}");
            foreach (var part in parts[1..])
            {
                var (name, took) = (part[..part.IndexOf('=', StringComparison.Ordinal)], part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]);
                text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-8} {took,9} ms  {Step(name)}");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"  handler  {outcome.DurationMs,9} ms  from the event to the answer").ToString();
    }

    private static string Meaning(string origin) => origin switch
    {
        "Stem" => "a sandbox that had been made ahead",
        "Fork" => "a sandbox that was forked now, since none lay ready",
        "Template" => "a fork of an instance that has initialised (SnapStart)",
        _ => "a program that was started by itself",
    };

    private static string Step(string name) => name switch
    {
        "queue" => "until it was this start's turn",
        "slot" => "until there was a place",
        "sandbox" => "until the sandbox stood",
        "code" => "until the code was in it",
        "init" => "until the function was loaded",
        _ => "",
    };
}
