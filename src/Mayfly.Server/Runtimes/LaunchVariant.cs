using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>Another way to start a function of a runtime, for handlers or runtime names that need one.</summary>
public sealed record LaunchVariant
{
    /// <summary>Regular expression for the handler; <see langword="null"/> fits any.</summary>
    public string? Handler { get; init; }

    /// <summary>Regular expression for the runtime name; <see langword="null"/> fits any.</summary>
    public string? Runtime { get; init; }

    /// <summary>How to talk to it; <see langword="null"/> for the definition's contract.</summary>
    public RuntimeContract? Contract { get; init; }

    /// <summary>The command line.</summary>
    public required ImmutableArray<string> Command { get; init; }
}
