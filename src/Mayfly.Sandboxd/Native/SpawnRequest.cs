using System.Runtime.InteropServices;

namespace Mayfly.Sandboxd.Native;

/// <summary>A program to start and the descriptors that it shall have; it gets no others.</summary>
internal sealed class SpawnRequest
{
    /// <summary>The program, absolute.</summary>
    internal required string Program { get; init; }

    /// <summary>The command line, the program's own name first.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The environment as <c>KEY=value</c>.</summary>
    internal IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Number inside → descriptor of ours. Numbers are below 100.</summary>
    internal required IReadOnlyDictionary<int, SafeHandle> Descriptors { get; init; }

    /// <summary>Whether it leads a process group of its own.</summary>
    internal bool OwnGroup { get; init; }

    /// <summary>The working folder; <see langword="null"/> for ours.</summary>
    internal string? Folder { get; init; }
}
