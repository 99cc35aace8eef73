namespace Mayfly.Commands;

/// <summary>The folder argument of a command.</summary>
internal static class Folders
{
    /// <summary>The absolute folder, which must exist.</summary>
    public static string Require(string? given)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given ?? "."));
        return Directory.Exists(folder)
            ? folder
            : throw new UsageException(File.Exists(folder) ? $"{given} is a file; name its folder" : $"there is no folder {given}");
    }
}
