using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>Reads what came of a step.</summary>
internal static class Results
{
    /// <summary>The text of a step that must have worked.</summary>
    internal static string Text(this JsonObject result) => result["error"] is null ? (string)result["ok"]! : throw new ShouldAssertException(result.ToJsonString());

    /// <summary>The names of a list that must have worked.</summary>
    internal static IReadOnlyList<string> Names(this JsonObject result) => result["error"] is null ? [.. result["ok"]!.AsArray().Select(static name => (string)name!)] : throw new ShouldAssertException(result.ToJsonString());

    /// <summary>Fails when a step that must be refused was carried out.</summary>
    internal static void ShouldBeRefused(this JsonObject result, string what) => result["error"].ShouldNotBeNull($"{what}: {result.ToJsonString()}");
}
