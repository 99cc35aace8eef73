using System.Text.RegularExpressions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;

namespace Mayfly.Building;

/// <summary>Whether a build step applies to a function.</summary>
internal static class BuildCondition
{
    private static readonly EnumerationOptions AnyCase = new() { MatchCasing = MatchCasing.CaseInsensitive, MatchType = MatchType.Simple, AttributesToSkip = FileAttributes.None };

    /// <summary>Checks all conditions; when they hold, adds <c>file</c> and the handler's groups to the placeholder values.</summary>
    public static bool Holds(BuildStep step, FunctionDefinition function, Dictionary<string, string> values)
    {
        // A folder that is packed as it lies, or no folder at all.
        if (function.Artifact is not null || !Directory.Exists(function.CodeFolder))
        {
            return false;
        }

        if (step.Handler is not null)
        {
            var match = Regex.Match(function.Config.Handler, step.Handler, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            if (!match.Success)
            {
                return false;
            }

            foreach (var group in match.Groups.Values.Where(g => !char.IsAsciiDigit(g.Name[0])))
            {
                values[group.Name] = group.Value;
            }
        }

        string? first = null;
        foreach (var pattern in step.When)
        {
            if (Find(function.CodeFolder, Placeholders.Fill(pattern, values)) is not { } found)
            {
                return false;
            }

            first ??= found;
        }

        if (step.Unless.Any(pattern => Find(function.CodeFolder, Placeholders.Fill(pattern, values)) is not null))
        {
            return false;
        }

        values["file"] = first ?? function.CodeFolder;
        return step.Content is null
            || (first is not null && Regex.IsMatch(File.ReadAllText(first), step.Content, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
    }

    /// <summary>Whether the step depends on more than its inputs and so must run each time.</summary>
    public static bool IsAlwaysRun(BuildStep step, Dictionary<string, string> values) =>
        step.Always is not null && File.Exists(values["file"])
        && Regex.IsMatch(File.ReadAllText(values["file"]), step.Always, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static string? Find(string folder, string patterns) =>
        patterns.Split('|').SelectMany(p => Directory.EnumerateFileSystemEntries(folder, p, AnyCase).Order(StringComparer.Ordinal)).FirstOrDefault();
}
