namespace Mayfly.Bench.Processes;

/// <summary>A folder for one run, gone at its end.</summary>
internal sealed class WorkFolder : IDisposable
{
    public WorkFolder()
    {
        // Anyone may pass, because parts of the platform run as users of their own.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("mayfly-bench-").FullName;

    /// <summary>A file or folder in it.</summary>
    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Already gone.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"bench: {Path} could not be removed: {e.Message}");
        }
    }
}
