using System.Text.RegularExpressions;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>The built-in shims answer, fail and print as AWS's managed runtimes: docs/conformance/runtimes.md, row by row.</summary>
public sealed partial class RuntimeTests(OdditiesRun run) : IClassFixture<OdditiesRun>
{
    private static readonly string Document = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/conformance/runtimes.md"));

    public static TheoryData<Oddity> Cases { get; } = new(Oddities.All);

    private static bool Rewrites => Environment.GetEnvironmentVariable("MAYFLY_REWRITE") == "1";

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Function_ShowsWhatTheManagedRuntimeShows(Oddity oddity)
    {
        Assert.SkipWhen(Rewrites, "the document is being written");
        await run.NeedAsync(oddity.Language);
        var row = (await run.SeenAsync())[oddity].ToRow(oddity.What);

        var expected = (await File.ReadAllLinesAsync(Document)).SkipWhile(line => !line.StartsWith($"## {TitleOf(oddity)} ", StringComparison.Ordinal))
            .FirstOrDefault(line => line.StartsWith($"| {oddity.What} |", StringComparison.Ordinal));

        row.ShouldBe(expected, customMessage: oddity.ToString());
    }

    [Fact]
    public async Task Document_IsWhatTheRunWrites()
    {
        await run.NeedAsync();
        var text = await run.DocumentAsync();
        if (Rewrites)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Document)!);
            await File.WriteAllTextAsync(Document, text);
        }

        (await File.ReadAllTextAsync(Document)).ShouldBe(text);
        Rows().Count(text).ShouldBeGreaterThan(60);
    }

    private static string TitleOf(Oddity oddity) => Oddities.Sections.Single(section => section.Language == oddity.Language).Title;

    [GeneratedRegex(@"^\| .* \| 200", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rows();
}
