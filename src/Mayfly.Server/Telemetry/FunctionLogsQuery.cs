using System.Collections.Immutable;

namespace Mayfly.Server.Telemetry;

/// <summary>Which log lines a reader wants.</summary>
public sealed record FunctionLogsQuery
{
    /// <summary>Names of functions; <see langword="null"/> means all.</summary>
    public ImmutableHashSet<string>? Functions { get; init; }

    /// <summary>Says of a name whether its lines are wanted; <see langword="null"/> means all. Asked again for every line, so it may follow a deployment.</summary>
    public Func<string, bool>? Predicate { get; init; }

    /// <summary>Only lines from this moment on; <see langword="null"/> means all that are kept.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether to go on with new lines as they come.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether a line is wanted.</summary>
    public bool Wants(LogLine line) => WantsFunction(line.Function) && (Since is null || line.Time >= Since);

    /// <summary>Whether any line of a function is wanted.</summary>
    public bool WantsFunction(string name) => (Functions is null || Functions.Contains(name)) && (Predicate is null || Predicate(name));
}
