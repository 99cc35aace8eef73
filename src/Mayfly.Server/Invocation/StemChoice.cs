using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>Which stems an instance of a revision may be made of. What a process reads only when it starts cannot be given to one that runs.</summary>
public static class StemChoice
{
    private const string WrapperVariable = "AWS_LAMBDA_EXEC_WRAPPER";
    private const long MaxSource = 1024 * 1024;
    private const int MaxSources = 64;
    private static readonly ConditionalWeakTable<Revision, Choice> Choices = [];

    private sealed record Choice(StemOrder? Order);

    /// <summary>The kind of stem; <see langword="null"/> when it must be started by itself.</summary>
    /// <param name="revision">What shall run.</param>
    /// <param name="plan">How it is started.</param>
    /// <param name="network">What it reaches over the network.</param>
    /// <param name="code">Its code tree.</param>
    /// <param name="layers">What it finds at <c>/opt</c>; <see langword="null"/> for nothing.</param>
    public static StemOrder? For(Revision revision, LaunchPlan plan, SandboxNetworkMode network, string code, string? layers) =>
        // Nothing that it depends on changes while the server runs, and a cold call waits for it.
        plan.Stem is { } stem && revision.Config.Image is null
            ? Choices.GetValue(revision, _ => new(Choose(revision, stem, network, code, layers))).Order
            : null;

    private static StemOrder? Choose(Revision revision, StemPlan stem, SandboxNetworkMode network, string code, string? layers) =>
        revision.Config.Environment.Keys.Any(name => IsFixed(name, stem.Definition)) || HasLibraries(code, layers) ? null
            : stem.Of(stem.Definition.Flavours.FirstOrDefault(flavour => Sources(code).Any(source => Matches(source, flavour.When))), network);

    private static bool IsFixed(string variable, StemDefinition definition) =>
        variable == WrapperVariable || definition.Fixed.Any(pattern => Regex.IsMatch(variable, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    // Without its code it starts by itself, which says what is wrong. The loader has noted by now which folders of LD_LIBRARY_PATH there are, and looks in no others.
    private static bool HasLibraries(string code, string? layers) =>
        !Directory.Exists(code)
        || Directory.Exists(Path.Combine(code, "lib"))
        || Directory.EnumerateFiles(code, "*.so*").Any()
        || (layers is not null && Directory.Exists(Path.Combine(layers, "lib")));

    private static IEnumerable<FileInfo> Sources(string code) =>
        new DirectoryInfo(code).EnumerateFiles().Where(static file => file.LinkTarget is null && file.Length <= MaxSource).Take(MaxSources);

    private static bool Matches(FileInfo source, string pattern)
    {
        try
        {
            return Regex.IsMatch(File.ReadAllText(source.FullName), pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
