using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>Where the time of a cold start went. The steps follow each other; <see cref="Total"/> is their sum.</summary>
/// <param name="Origin">What the sandbox was made of: <c>Stem</c>, <c>Fork</c>, <c>Exec</c> or <c>Template</c>.</param>
public sealed record StartLedger(string Origin)
{
    /// <summary>Until it was this start's turn: the node was full, or others started first.</summary>
    public TimeSpan Queue { get; init; }

    /// <summary>Until there was a place for it: a stem, or a user, a control group and a network.</summary>
    public TimeSpan Slot { get; init; }

    /// <summary>Until the sandbox stood.</summary>
    public TimeSpan Sandbox { get; init; }

    /// <summary>Until the code was in it.</summary>
    public TimeSpan Code { get; init; }

    /// <summary>Until the program had loaded the function and waited for its first invocation.</summary>
    public TimeSpan Init { get; init; }

    /// <summary>The start itself, without the time before it began: what AWS Lambda calls init duration.</summary>
    public TimeSpan Took => Slot + Sandbox + Code + Init;

    /// <summary>All of it.</summary>
    public TimeSpan Total => Queue + Took;

    /// <summary>The steps by name, in order.</summary>
    public IReadOnlyList<(string Name, TimeSpan Took)> Steps => [("queue", Queue), ("slot", Slot), ("sandbox", Sandbox), ("code", Code), ("init", Init)];

    /// <summary>For example <c>stem (queue 0.00, slot 0.01, sandbox 0.00, code 0.21, init 0.47 ms)</c>.</summary>
    public override string ToString() =>
        $"{Origin.ToLowerInvariant()} ({string.Join(", ", Steps.Select(static step => string.Create(CultureInfo.InvariantCulture, $"{step.Name} {step.Took.TotalMilliseconds:0.00}")))} ms)";

    /// <summary>Writes <c>{"origin":…,"queueMs":…,…}</c>.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("origin", Origin.ToLowerInvariant());
        foreach (var (name, took) in Steps)
        {
            json.WriteNumber(name + "Ms", Math.Round(took.TotalMilliseconds, 3));
        }

        json.WriteEndObject();
    }
}
