namespace Mayfly.Server.Tests.Shims;

/// <summary>A folder with a function's files, deleted with the test.</summary>
internal sealed class CodeFolder : IDisposable
{
    public CodeFolder(params (string Name, string Text)[] files)
    {
        Root = Directory.CreateTempSubdirectory("mayfly-code-").FullName;
        foreach (var (name, text) in files)
        {
            Write(name, text);
        }
    }

    public string Root { get; }

    public void Write(string name, string text)
    {
        var file = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
