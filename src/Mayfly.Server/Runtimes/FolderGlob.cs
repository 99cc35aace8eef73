namespace Mayfly.Server.Runtimes;

/// <summary>Folder patterns in which <c>*</c> stands within one name. Whatever cannot be read counts as absent.</summary>
internal static class FolderGlob
{
    private static readonly EnumerationOptions Lenient = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None, MatchType = MatchType.Simple };

    /// <summary>The folders that a pattern names, sorted so that newer version numbers come first.</summary>
    public static IEnumerable<string> Expand(string pattern)
    {
        IEnumerable<string> found = ["/"];
        foreach (var name in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = name.Contains('*', StringComparison.Ordinal)
                ? found.SelectMany(folder => Below(folder, name)).ToList()
                : found.Select(folder => Path.Combine(folder, name));
        }

        return found.Where(Directory.Exists);
    }

    /// <summary>The files and links in a folder.</summary>
    public static IEnumerable<FileInfo> Files(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", Lenient) : [];

    /// <summary>What a file really is, every link on the way followed; <see langword="null"/> when it is missing or not executable.</summary>
    public static FileInfo? Resolve(FileInfo file)
    {
        try
        {
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists && (target.UnixFileMode & (UnixFileMode.UserExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None ? target : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Below(string folder, string name) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, name, Lenient).OrderDescending(RuntimeVersion.NameComparer)
            : [];
}
