using Mayfly.Fuzz.Targets;

namespace Mayfly.Fuzz;

/// <summary>All targets.</summary>
public static class FuzzTargets
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["runtime-api", "invoke-door", "zip", "event-stream", "sigv4", "frames", "query", "s3"];

    /// <summary>Makes one.</summary>
    public static IFuzzTarget Make(string name) => name switch
    {
        "runtime-api" => new RuntimeApiTarget(),
        "invoke-door" => new InvokeDoorTarget(),
        "zip" => new ZipTarget(),
        "event-stream" => new EventStreamTarget(),
        "sigv4" => new SignatureTarget(),
        "frames" => new FramesTarget(),
        "query" => new QueryTarget(),
        "s3" => new S3Target(),
        _ => throw new ArgumentException($"There is no target '{name}'. There is: {string.Join(", ", Names)}.", nameof(name)),
    };
}
