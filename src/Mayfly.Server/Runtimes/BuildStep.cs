using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>One tool that turns a code folder into what is packed, and when it is needed.</summary>
/// <remarks>
/// Placeholders: <c>{source}</c> the code folder, <c>{work}</c> a folder kept between builds, <c>{output}</c> an empty folder for the result,
/// <c>{file}</c> the file that the first of <see cref="When"/> found, <c>{interpreter}</c>, and every named group of <see cref="Handler"/>.
/// </remarks>
public sealed record BuildStep
{
    /// <summary>What people call it, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>File name patterns that must each be found in the code folder; <c>|</c> separates alternatives. Case does not matter.</summary>
    public required ImmutableArray<string> When { get; init; }

    /// <summary>File name patterns of which none may be found.</summary>
    public ImmutableArray<string> Unless { get => field.IsDefault ? [] : field; init; }

    /// <summary>Regular expression that the first file found must contain.</summary>
    public string? Content { get; init; }

    /// <summary>Regular expression that the handler must match.</summary>
    public string? Handler { get; init; }

    /// <summary>The tool, for messages.</summary>
    public required string Tool { get; init; }

    /// <summary>The Debian package that brings the tool.</summary>
    public required string Package { get; init; }

    /// <summary>A command whose failure means that the tool is missing; by default the first word of <see cref="Command"/> is looked for on <c>PATH</c>.</summary>
    public ImmutableArray<string> Check { get => field.IsDefault ? [] : field; init; }

    /// <summary>The command line; run in the code folder, or in the output folder when <see cref="Copy"/> names files.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Added to the caller's environment.</summary>
    public ImmutableDictionary<string, string> Environment { get => field ?? ImmutableDictionary<string, string>.Empty; init; }

    /// <summary>Files copied into the output folder before the command runs.</summary>
    public ImmutableArray<string> Copy { get => field.IsDefault ? [] : field; init; }

    /// <summary>Patterns of the files that the result depends on: unchanged files mean that nothing is run.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>Regular expression; when the first file found contains it, the step is run each time, because its result depends on files elsewhere.</summary>
    public string? Always { get; init; }

    /// <summary>The only entry of the output folder to pack; <see langword="null"/> packs all.</summary>
    public string? Pack { get; init; }

    /// <summary>Whether the code folder itself is packed as well.</summary>
    public bool KeepSource { get; init; }
}
