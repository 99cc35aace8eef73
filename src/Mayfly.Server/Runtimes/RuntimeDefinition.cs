using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Runtimes;

/// <summary>What Mayfly knows about a language: the content of a <c>shims/&lt;name&gt;/runtime.json</c>.</summary>
/// <remarks>
/// The source generator of JSON drops initializers of init-only members, so defaults stand in the getters.
/// Placeholders in <see cref="Command"/> and <see cref="Environment"/>: <c>{runtime}</c> the declared name, <c>{interpreter}</c> the binary,
/// <c>{version}</c> its version, <c>{declared}</c> the version that the declared name asks for, <c>{root}</c> its first prefix folder, <c>{handler}</c> and <c>{command}</c> from the function's settings.
/// </remarks>
public sealed record RuntimeDefinition
{
    /// <summary>The folder's name, for example <c>python</c>.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "";

    /// <summary>What people call it, for messages.</summary>
    public required string Title { get; init; }

    /// <summary>The runtime names it serves, each with the version that it asks for; empty asks for any.</summary>
    public required ImmutableDictionary<string, string> Names { get; init; }

    /// <summary>How to talk to it.</summary>
    public required RuntimeContract Contract { get; init; }

    /// <summary>Whether its folder is mounted at <c>/var/runtime</c>.</summary>
    public bool Shim { get; init; }

    /// <summary>The interpreter it needs; <see langword="null"/> for none.</summary>
    public InterpreterSearch? Interpreter { get; init; }

    /// <summary>Whether every interpreter of the machine is mounted and on <c>PATH</c>, for programs that choose one themselves.</summary>
    public bool AllInterpreters { get; init; }

    /// <summary>Whether a script of the user's may start it: the variable <c>AWS_LAMBDA_EXEC_WRAPPER</c>.</summary>
    public bool ExecWrapper { get; init; }

    /// <summary>Whether the platform alone uses it: no caller may name it, and no list shows it.</summary>
    public bool Internal { get; init; }

    /// <summary>The command line.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Other ways to start, by handler or runtime name; the first that fits wins.</summary>
    public ImmutableArray<LaunchVariant> Variants { get => field.IsDefault ? [] : field; init; }

    /// <summary>How its program is started ahead of functions; <see langword="null"/> when it cannot be.</summary>
    public StemDefinition? Stem { get; init; }

    /// <summary>What it adds to the environment.</summary>
    public ImmutableDictionary<string, string> Environment { get => field ?? ImmutableDictionary<string, string>.Empty; init; }

    /// <summary>How code becomes a package; every step whose conditions hold is run, in order.</summary>
    public ImmutableArray<BuildStep> Build { get => field.IsDefault ? [] : field; init; }

    /// <summary>How to find a handler in a folder without a manifest.</summary>
    public ImmutableArray<HandlerPattern> Discovery { get => field.IsDefault ? [] : field; init; }
}
