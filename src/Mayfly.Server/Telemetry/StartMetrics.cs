using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mayfly.Server.Telemetry;

/// <summary>Cold starts as metrics and as events of the span that is open. Names are OpenTelemetry's for functions as a service.</summary>
public static class StartMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Mayfly";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Starts = Meter.CreateCounter<long>("faas.coldstarts", "{coldstart}", "Instances that were started for a call");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("faas.init_duration", "s", "Time from the wish for an instance to its first invocation");
    private static readonly Histogram<double> Step = Meter.CreateHistogram<double>("mayfly.start.step_duration", "s", "The same by step");

    /// <summary>Notes one.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="start">Where its time went.</param>
    public static void Note(string function, StartLedger start)
    {
        ArgumentNullException.ThrowIfNull(start);
        var tags = new TagList { { "faas.name", function }, { "mayfly.start.origin", start.Origin } };
        Starts.Add(1, tags);
        Duration.Record(start.Total.TotalSeconds, tags);
        foreach (var (name, took) in Step.Enabled ? start.Steps : [])
        {
            Step.Record(took.TotalSeconds, new TagList { { "faas.name", function }, { "mayfly.start.step", name } });
        }

        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.AddEvent(new("faas.coldstart", tags: new(start.Steps.Select(static step => KeyValuePair.Create<string, object?>($"mayfly.start.{step.Name}_ms", step.Took.TotalMilliseconds)).Append(new("mayfly.start.origin", start.Origin)))));
        }
    }
}
