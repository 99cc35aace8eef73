namespace Mayfly.FunctionalTests.Harness;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>An empty folder, or a copy of one that lies beside the tests.</summary>
    public TemporaryFolder(string? fixture = null)
    {
        Path = Directory.CreateTempSubdirectory("mayfly-e2e-").FullName;
        if (fixture is not null)
        {
            CopyFolder(System.IO.Path.Combine(AppContext.BaseDirectory, fixture), Path);
        }
    }

    public string Path { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public TemporaryFolder Write(string relative, string text, bool executable = false)
    {
        var path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable)
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        return this;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What a sandbox of another uid left is not worth a failed test.
        }
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            CopyFolder(folder, System.IO.Path.Combine(to, System.IO.Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from))
        {
            var target = System.IO.Path.Combine(to, System.IO.Path.GetFileName(file));
            File.Copy(file, target);
            File.SetUnixFileMode(target, File.GetUnixFileMode(file) | UnixFileMode.UserWrite);
        }
    }
}
