using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>An interpreter that was found on this machine, resolved to its real binary.</summary>
public sealed record Interpreter
{
    /// <summary>The runtime definition that it serves, by folder name, for example <c>python</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The version, as many parts as the runtime's names carry, for example <c>3.11</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The real binary, absolute: never a version manager's wrapper.</summary>
    public required string Executable { get; init; }

    /// <summary>Folders outside <c>/usr</c> that it needs; mounted read-only at their own path.</summary>
    public ImmutableArray<string> Mounts { get => field.IsDefault ? [] : field; init; }
}
