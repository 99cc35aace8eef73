using System.Reflection;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Tests.Architecture;

/// <summary>Holds the sheet: short files, one public type a file, names that say something, narrow constructors, languages as data.</summary>
public sealed partial class SourceShapeTests
{
    private const int MostLines = 500;
    private const int MostParameters = 6;

    private static readonly string[] Projects = ["src/Mayfly", "src/Mayfly.Sandboxd", "src/Mayfly.Server", "shims/dotnet", "test", "bench"];
    private static readonly string[] RefusedSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Common", "Base", "Impl", "Info", "Data", "Wrapper", "Processor", "Misc"];

    private static readonly Assembly[] Assemblies =
    [
        typeof(ServerSettings).Assembly,
        typeof(Mayfly.Sandboxd.Wire.SandboxSpec).Assembly,
        Assembly.Load("mayfly"),
    ];

    [Fact]
    public void EveryFile_IsShorterThanTheLimit()
    {
        Repository.NeedSources();
        Projects.SelectMany(Repository.Sources).Select(file => (File: Repository.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > MostLines).ShouldBeEmpty();
    }

    [Fact]
    public void EveryFile_HoldsAtMostOnePublicType()
    {
        Repository.NeedSources();
        Projects.Where(project => project.StartsWith("src", StringComparison.Ordinal)).SelectMany(Repository.Sources)
            .Select(file => (File: Repository.Relative(file), Types: PublicType().Count(File.ReadAllText(file))))
            .Where(file => file.Types > 1).ShouldBeEmpty();
    }

    [Fact]
    public void NoTypeName_EndsInARefusedSuffix() =>
        Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("Mayfly", StringComparison.Ordinal) == true && !type.Name.Contains('<', StringComparison.Ordinal))
            .Select(type => type.Name.Split('`')[0])
            .Where(name => RefusedSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
            .ShouldBeEmpty();

    [Fact]
    public void NoConstructor_IsWide() =>
        Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true } && type.Namespace?.StartsWith("Mayfly", StringComparison.Ordinal) == true && !IsRecord(type))
            .SelectMany(type => type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            .Where(constructor => constructor.GetParameters().Length > MostParameters)
            .Select(constructor => $"{constructor.DeclaringType!.FullName}: {constructor.GetParameters().Length}")
            .ShouldBeEmpty();

    [Fact]
    public void NoNamespace_EqualsATypeInIt() =>
        Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace is { } name && name.EndsWith("." + type.Name, StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Fact]
    public void TheServer_KnowsNoLanguage()
    {
        Repository.NeedSources();
        Repository.Sources("src").SelectMany(file => File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && Language().IsMatch(line))
            .Select(line => $"{Repository.Relative(file)}: {line.Trim()}")).ShouldBeEmpty();
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    [GeneratedRegex(@"^public (?!delegate)[\w\s]*\b(class|record|struct|interface|enum)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"""[^""]*\b(python|nodejs|golang|pip3?|npm)\b(?!-debug)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Language();
}
