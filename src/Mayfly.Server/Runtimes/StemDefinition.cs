using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>How a runtime's program is started before anybody knows for which function, and what forbids that for a function.</summary>
/// <remarks>The source generator of JSON drops initializers of init-only members, so defaults stand in the getters.</remarks>
public sealed record StemDefinition
{
    /// <summary>The command line, with the placeholders of <see cref="RuntimeDefinition"/>.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>What the program needs in its environment when it starts.</summary>
    public ImmutableDictionary<string, string> Environment { get => field ?? ImmutableDictionary<string, string>.Empty; init; }

    /// <summary>Regular expressions of variables that are read when a process starts: a function that sets one is started by itself.</summary>
    public ImmutableArray<string> Fixed { get => field.IsDefault ? [] : field; init; }

    /// <summary>A file of the shim that runs once and is forked for each stem; <see langword="null"/> where each is started by itself.</summary>
    public string? Zygote { get; init; }

    /// <summary>Whether the program, once a function has initialised in it, can be forked for further instances: what AWS Lambda calls SnapStart.</summary>
    public bool Templates { get; init; }

    /// <summary>Further zygotes, which have loaded more; the first that fits a function is used.</summary>
    public ImmutableArray<StemFlavour> Flavours { get => field.IsDefault ? [] : field; init; }
}
