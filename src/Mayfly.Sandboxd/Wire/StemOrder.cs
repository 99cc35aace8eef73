namespace Mayfly.Sandboxd.Wire;

/// <summary>
/// One kind of stem that the server wants parked: a sandbox that is started, warmed and locked down before anybody knows for which function.
/// </summary>
public sealed record StemOrder
{
    /// <summary>What <see cref="SandboxSpec.Stem"/> names.</summary>
    public required string Name { get; init; }

    /// <summary>Folder below <c>shims</c> that is mounted read-only at <c>/var/runtime</c>.</summary>
    public required string Shim { get; init; }

    /// <summary>
    /// The command line in paths of the sandbox. Where <see cref="Zygote"/> is set, only its first word counts: an interpreter of the table that sandboxd
    /// was started with.
    /// </summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What the program needs in its environment when it starts.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Interpreter prefixes to mount read-only at their own path.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>What each reaches over the network.</summary>
    public SandboxNetworkMode Network { get; init; }

    /// <summary>The file of the shim that is forked for each; <see langword="null"/> where each is started by itself.</summary>
    public string? Zygote { get; init; }

    /// <summary>What the zygote loads beyond the common.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>How many shall be parked.</summary>
    public required int Parked { get; init; }
}
