using System.Collections.Immutable;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>What <c>package</c> says, of the service or of a function.</summary>
/// <param name="Patterns">In order, the legacy keys <c>exclude</c> and <c>include</c> first.</param>
/// <param name="Artifact">A ready zip file, as written.</param>
internal sealed record PackageSettings(ImmutableArray<string> Patterns, string? Artifact)
{
    /// <summary>Nothing said.</summary>
    public static PackageSettings None { get; } = new([], null);

    /// <summary>Reads it.</summary>
    public static PackageSettings Read(Section owner)
    {
        if (owner.Child("package") is not { } package)
        {
            return None;
        }
        package.Check(KnownKeys.Package);
        var excluded = package.Texts("exclude") ?? [];
        return new(
            [
                .. excluded.Select(pattern => pattern.StartsWith('!') ? pattern[1..] : "!" + pattern),
                .. package.Texts("include") ?? [],
                .. package.Texts("patterns") ?? [],
            ],
            package.Text("artifact"));
    }
}
