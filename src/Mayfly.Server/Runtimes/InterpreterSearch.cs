using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>Where interpreters of a runtime lie and how to ask one what it is.</summary>
public sealed record InterpreterSearch
{
    /// <summary>Regular expression for the file names of programs to ask.</summary>
    public required string Program { get; init; }

    /// <summary>Folders to look into after those of <c>PATH</c>; <c>~</c> is the home folder, <c>*</c> stands for any one name.</summary>
    public ImmutableArray<string> Folders { get => field.IsDefault ? [] : field; init; }

    /// <summary>Arguments that make a program describe itself.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>Regular expression for a line of the description, with the groups <c>version</c>, <c>prefix</c> (any number) and, unless <see cref="Executable"/> is given, <c>executable</c>.</summary>
    public required string Output { get; init; }

    /// <summary>The real binary, made from the groups, for example <c>{prefix}/bin/tool</c>.</summary>
    public string? Executable { get; init; }

    /// <summary>The oldest version that the shim runs on.</summary>
    public string Minimum { get => field ?? ""; init; }

    /// <summary>The Debian package that brings it.</summary>
    public required string Package { get; init; }
}
