using System.Runtime.CompilerServices;

namespace Mayfly.Server.Tests.Architecture;

/// <summary>The source tree that the guards read.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    /// <summary>The guards hold for the source tree; a copied test binary has none.</summary>
    public static void NeedSources() => Assert.SkipUnless(File.Exists(Path.Combine(Root, "Mayfly.slnx")), "The source tree is not here: the guards run where it is.");

    private static string Find([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Mayfly.slnx")))
            {
                return folder;
            }
        }

        return Path.GetDirectoryName(here)!;
    }
}
