using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Runtimes;

/// <summary>The shims and runtime definitions that this program carries as embedded resources.</summary>
public static class ShimsArchive
{
    private const string Prefix = "shims/";
    private const string Marker = ".content";
    private const string DefinitionFile = "runtime.json";

    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly Lazy<ImmutableArray<RuntimeDefinition>> All = new(ReadDefinitions);

    /// <summary>The definitions, sorted by name.</summary>
    public static ImmutableArray<RuntimeDefinition> Definitions => All.Value;

    /// <summary>Reads one of the texts.</summary>
    /// <param name="path">Below <c>shims</c>.</param>
    public static string ReadText(string path) => Encoding.UTF8.GetString(Read(Prefix + path));

    /// <summary>Makes a folder hold exactly the shims, readable by every user. Does nothing when it holds them already.</summary>
    /// <param name="folder">The folder, absolute; made when it is missing.</param>
    public static void UnpackTo(string folder)
    {
        // A build's own id stands for the contents: nothing is read to find out that nothing changed.
        var build = typeof(ShimsArchive).Module.ModuleVersionId.ToString();
        var marker = Path.Combine(folder, Marker);
        if (File.Exists(marker) && File.ReadAllText(marker) == build && Resources().All(name => File.Exists(Path.Combine(folder, name[Prefix.Length..]))))
        {
            return;
        }

        var files = Resources().Select(name => (Path: name[Prefix.Length..], Content: Read(name))).ToList();
        MakeFolder(folder);
        File.Delete(marker);
        var expected = files.Select(f => Path.Combine(folder, f.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var stray in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !expected.Contains(f)).ToList())
        {
            File.Delete(stray);
        }

        foreach (var (path, content) in files)
        {
            var target = Path.Combine(folder, path);
            for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
            {
                MakeFolder(Path.Combine(folder, parent));
            }

            WriteWhole(target, content);
        }

        WriteWhole(marker, Encoding.ASCII.GetBytes(build));
    }

    // A running sandbox may have the old file mapped: it is replaced, never rewritten.
    private static void WriteWhole(string target, byte[] content)
    {
        var next = target + ".new";
        File.WriteAllBytes(next, content);
        File.SetUnixFileMode(next, FileMode);
        File.Move(next, target, overwrite: true);
    }

    private static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, FolderMode);
    }

    private static IEnumerable<string> Resources() =>
        typeof(ShimsArchive).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static byte[] Read(string name)
    {
        using var stream = typeof(ShimsArchive).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static ImmutableArray<RuntimeDefinition> ReadDefinitions() =>
    [
        .. Resources().Where(name => name.EndsWith('/' + DefinitionFile, StringComparison.Ordinal)).Select(name =>
        {
            var definition = JsonSerializer.Deserialize(Read(name), RuntimesJson.Default.RuntimeDefinition)
                ?? throw new InvalidDataException($"{name} is empty");
            return definition with { Name = name[Prefix.Length..^(DefinitionFile.Length + 1)] };
        }),
    ];
}
