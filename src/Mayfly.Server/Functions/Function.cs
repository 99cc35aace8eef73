using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>The deployed unit: a name, its current revision, and what hangs on the name.</summary>
public sealed record Function
{
    /// <summary>The unique name.</summary>
    public required FunctionKey Key { get; init; }

    /// <summary>What <c>$LATEST</c> is.</summary>
    public required Revision Latest { get; init; }

    /// <summary>The function's URL, when it has one.</summary>
    public FunctionUrl? Url { get; init; }

    /// <summary>The service that deployed it; <see langword="null"/> for a function made through an API.</summary>
    public string? Service { get; init; }

    /// <summary>Statements of the function's resource policy, by statement id, as JSON. Kept and returned; nothing is enforced with them.</summary>
    public ImmutableSortedDictionary<string, string> Permissions { get; init; } = NoPermissions;

    /// <summary>The empty policy.</summary>
    internal static ImmutableSortedDictionary<string, string> NoPermissions { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
