namespace Mayfly.Server.Functions;

/// <summary>A folder that lasts as long as this object.</summary>
public sealed class WorkFolder : IDisposable
{
    internal WorkFolder(string path) => Path = Directory.CreateDirectory(path).FullName;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
