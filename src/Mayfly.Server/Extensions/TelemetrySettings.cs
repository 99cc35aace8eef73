namespace Mayfly.Server.Extensions;

/// <summary>What a subscriber asked for.</summary>
public sealed record TelemetrySettings
{
    /// <summary>Which API it came through.</summary>
    public required TelemetryDialect Dialect { get; init; }

    /// <summary>The version of the records' shapes.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The streams.</summary>
    public required TelemetryKinds Kinds { get; init; }

    /// <summary>The same in words.</summary>
    public IReadOnlyList<string> KindNames =>
    [
        .. new[] { (TelemetryKinds.Platform, "platform"), (TelemetryKinds.Function, "function"), (TelemetryKinds.Extension, "extension") }
            .Where(pair => Kinds.HasFlag(pair.Item1)).Select(pair => pair.Item2),
    ];

    /// <summary>Most records in one delivery, 1,000 to 10,000.</summary>
    public int MaxItems { get; init; } = 10_000;

    /// <summary>Most bytes in one delivery, 262,144 to 1,048,576.</summary>
    public int MaxBytes { get; init; } = 262_144;

    /// <summary>Longest time that a record waits for others, 25 to 30,000 ms.</summary>
    public int TimeoutMs { get; init; } = 1_000;

    /// <summary>The port inside the sandbox.</summary>
    public required int Port { get; init; }

    /// <summary>Path and query of the HTTP destination; <see langword="null"/> for a TCP destination.</summary>
    public string? HttpPath { get; init; }

    /// <summary>Whether HTTP deliveries are PUT instead of POST.</summary>
    public bool Put { get; init; }
}
