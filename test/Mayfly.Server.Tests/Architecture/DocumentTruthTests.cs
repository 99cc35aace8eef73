using System.Reflection;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Tests.Architecture;

/// <summary>Holds the documents to the code: what they name exists.</summary>
public sealed partial class DocumentTruthTests
{
    private static readonly HashSet<string> Types =
    [
        .. new[] { typeof(ServerSettings).Assembly, typeof(Mayfly.Sandboxd.Wire.SandboxSpec).Assembly, Assembly.Load("mayfly"), typeof(DocumentTruthTests).Assembly }
            .SelectMany(assembly => assembly.GetTypes()).Select(type => type.Name.Split('`')[0]),
    ];

    // The functional tests are another assembly; by rule a file is named after its type.
    private static readonly Lazy<HashSet<string>> TestClasses = new(() => [.. Repository.Sources("test").Select(file => Path.GetFileNameWithoutExtension(file))]);

    public static TheoryData<string> Documents => new("ARCHITECTURE.md", "SPECIFICATION.md", "CONTRIBUTING.md", "README.md");

    [Theory]
    [MemberData(nameof(Documents))]
    public void EveryFileADocumentNames_Exists(string document)
    {
        Repository.NeedSources();
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        Quoted().Matches(text).Select(match => match.Groups["name"].Value)
            .Where(name => RepositoryPath().IsMatch(name))
            .Concat(Link().Matches(text).Select(match => match.Groups["name"].Value))
            .Where(path => !Path.Exists(Path.Combine(Repository.Root, path.TrimEnd('/'))))
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("SPECIFICATION.md")]
    public void EveryTypeADocumentNames_Exists(string document)
    {
        Repository.NeedSources();
        Quoted().Matches(File.ReadAllText(Path.Combine(Repository.Root, document))).Select(match => match.Groups["name"].Value)
            .Where(name => TypeName().IsMatch(name))
            .Select(name => name.Split('.')[0])
            .Where(name => !Types.Contains(name) && !TestClasses.Value.Contains(name))
            .Distinct(StringComparer.Ordinal)
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"`(?<name>[^`\n]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<name>[^)#]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(src|test|shims|samples|docs|bench|deploy|\.ci)/[\w./-]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RepositoryPath();

    // A type as code names one: two humps at least, so that plain words in quotes are left alone.
    [GeneratedRegex(@"^[A-Z][a-z]+(?:[A-Z][a-z0-9]+)+(?:\.[A-Z]\w+)?$", RegexOptions.None, 1000)]
    private static partial Regex TypeName();
}
