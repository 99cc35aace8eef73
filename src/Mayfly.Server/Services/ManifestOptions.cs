using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>What a manifest is read with: what the command line said and what the machine has.</summary>
public sealed record ManifestOptions
{
    /// <summary>The stage that was asked for; <see langword="null"/> leaves it to the manifest.</summary>
    public string? Stage { get; init; }

    /// <summary>The region that was asked for; <see langword="null"/> leaves it to the manifest.</summary>
    public string? Region { get; init; }

    /// <summary>Twelve digits, for <c>${aws:accountId}</c>.</summary>
    public string AccountId { get; init; } = "000000000000";

    /// <summary>Further options of the command line by name, for <c>${opt:name}</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Parameters of the command line by name, for <c>${param:name}</c>; they win over the manifest's <c>params</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Looks up an environment variable, for <c>${env:NAME}</c>; <see langword="null"/> means not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Every runtime name that is known; empty accepts all names.</summary>
    public IReadOnlyCollection<string> KnownRuntimes { get; init; } = [];
}
