using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Runtimes;

/// <summary>Finds the handlers of a folder that has no manifest, by the patterns of the runtime definitions.</summary>
public static class HandlerFinder
{
    private const int LargestFile = 1 << 20;
    private static readonly EnumerationOptions TopLevel = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden };

    /// <summary>All handlers found, the most likely first; an empty list when there is none.</summary>
    /// <param name="folder">The folder, absolute; only files directly in it are read.</param>
    /// <param name="definitions">What to look for.</param>
    public static ImmutableArray<FoundHandler> Find(string folder, IEnumerable<RuntimeDefinition> definitions)
    {
        var found = new List<(int Rank, FoundHandler Handler)>();
        foreach (var pattern in definitions.SelectMany(d => d.Discovery))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var rank = 0; rank < pattern.Files.Length; rank++)
            {
                foreach (var file in new DirectoryInfo(folder).EnumerateFiles(pattern.Files[rank], TopLevel).OrderBy(f => f.Name, StringComparer.Ordinal))
                {
                    if (seen.Add(file.Name) && file.Length <= LargestFile)
                    {
                        found.AddRange(Read(file, pattern).Select(handler => (rank, handler)));
                    }
                }
            }
        }

        return [.. found.OrderBy(f => f.Rank).Select(f => f.Handler).Distinct()];
    }

    private static IEnumerable<FoundHandler> Read(FileInfo file, HandlerPattern pattern)
    {
        foreach (Match match in Regex.Matches(File.ReadAllText(file.FullName), pattern.Pattern, RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
        {
            var values = match.Groups.Values.Where(g => !char.IsAsciiDigit(g.Name[0])).ToDictionary(g => g.Name, g => g.Value, StringComparer.Ordinal);
            values["stem"] = Path.GetFileNameWithoutExtension(file.Name);
            yield return new FoundHandler(pattern.Runtime, Placeholders.Fill(pattern.Handler, values), file.Name);
        }
    }
}
