using System.Text.RegularExpressions;

namespace Mayfly.Server.Tests.Architecture;

/// <summary>Holds the arrows between the concept folders of the server: a folder uses what lies below it, never what lies above.</summary>
public sealed partial class FolderGraphTests
{
    // Highest first. A folder may use any folder on a lower line, and none on its own line.
    private static readonly string[][] Layers =
    [
        ["Dialects"],
        ["Services", "RuntimeApi"],
        ["Triggers"],
        ["Resources"],
        ["Events"],
        ["Invocation"],
        ["Extensions", "Runtimes", "Sandboxes", "Protocol"],
        ["Scaling"],
        ["Functions"],
        ["Identity"],
        ["Storage"],
        ["Telemetry"],
    ];

    // The files at the root of the project compose the server or are its settings, which every folder may read.
    private static readonly string[] Composition = ["ServerHost.cs", "Messaging.cs", "ServerSettings.cs", "StoreSchema.cs"];

    [Fact]
    public void EveryFolder_UsesOnlyFoldersBelowIt()
    {
        Repository.NeedSources();
        var level = Layers.SelectMany((names, index) => names.Select(name => (name, index))).ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var file in Repository.Sources("src/Mayfly.Server"))
        {
            var parts = Path.GetRelativePath(Path.Combine(Repository.Root, "src/Mayfly.Server"), file).Split('/');
            if (parts.Length == 1)
            {
                if (!Composition.Contains(parts[0], StringComparer.Ordinal))
                {
                    wrong.Add($"{parts[0]}: belongs in a concept folder");
                }

                continue;
            }

            var own = parts[0];
            if (!level.TryGetValue(own, out var ownLevel))
            {
                wrong.Add($"{own}/: a folder that is not in the graph");
                continue;
            }

            var code = Comment().Replace(File.ReadAllText(file), "");
            foreach (var used in Use().Matches(code).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal))
            {
                if (used != own && level.TryGetValue(used, out var usedLevel) && usedLevel <= ownLevel)
                {
                    wrong.Add($"{Repository.Relative(file)} uses {used}");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("src/Mayfly.Sandboxd", "Mayfly.Server")]
    [InlineData("src/Mayfly.Sandboxd", "Microsoft.AspNetCore")]
    [InlineData("src/Mayfly.Server", "Mayfly.Commands")]
    public void AProject_DoesNotUseWhatItMustNotKnow(string project, string refused)
    {
        Repository.NeedSources();
        Repository.Sources(project).Where(file => Comment().Replace(File.ReadAllText(file), "").Contains(refused, StringComparison.Ordinal))
            .Select(Repository.Relative).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bMayfly\.Server\.(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Use();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline, 1000)]
    private static partial Regex Comment();
}
