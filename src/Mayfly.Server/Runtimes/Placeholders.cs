using System.Text.RegularExpressions;

namespace Mayfly.Server.Runtimes;

/// <summary>The <c>{name}</c> placeholders of a runtime definition.</summary>
public static partial class Placeholders
{
    /// <summary>Fills in what is known and leaves the rest as it stands: braces may be a shell's.</summary>
    public static string Fill(string template, IReadOnlyDictionary<string, string> values) =>
        Name().Replace(template, match => values.TryGetValue(match.Groups["name"].Value, out var value) ? value : match.Value);

    [GeneratedRegex(@"\{(?<name>[a-z]\w*)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
