using System.IO.Compression;
using Mayfly.Server.Functions;

namespace Mayfly.Fuzz.Targets;

/// <summary>Code packages: whatever the zip, it is refused in words or lies in its own folder.</summary>
internal sealed class ZipTarget : IFuzzTarget
{
    private static readonly string[] Names =
    [
        "a", "a/b", "a/", "../a", "a/../../b", "/etc/x", "C:\\x", "a\\b", "./a", "a//b", "a/./b", "..", ".", "/", "", "bootstrap", "\u00e9", "a\0b", new string('n', 300), new string('d', 100) + "/" + new string('e', 100), "A", "link", "link/x", "con", "a\nb", "\u202egnp", " ", "a ", "*",
    ];

    private readonly string _folder = (Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/mayfly-fuzz-{Guid.NewGuid():N}") : Directory.CreateTempSubdirectory("mayfly-fuzz-")).FullName;
    private CodePackageStore? _store;

    public string Name => "zip";

    public IReadOnlyList<byte[]> Tokens { get; } = [.. new[] { "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0006\u0006", "PK\u0006\u0007", "../", "/", "\\" }.Select(static text => text.Select(static c => (byte)c).ToArray())];

    private string Store => Path.Combine(_folder, "store");

    public Task StartAsync()
    {
        Directory.CreateDirectory(Store);
        _store = new(Store);
        return Task.CompletedTask;
    }

    public async Task<string> RunAsync(byte[] input)
    {
        var outcome = "taken";
        try
        {
            var package = await _store!.AddAsync(new MemoryStream(input), default);
            var tree = _store.TreeOf(package);
            try
            {
                CheckTree(tree, tree);
            }
            finally
            {
                Directory.Delete(tree, recursive: true);
                File.Delete(_store.ZipOf(package));
            }
        }
        catch (CodePackageException e)
        {
            // What it says, without the names that it says it of.
            outcome = $"{e.Message[..12]} … {e.Message[^24..]}";
        }

        if (Directory.GetFileSystemEntries(_folder) is not [var only] || only != Store)
        {
            throw new FuzzException("something was written outside of the store");
        }

        foreach (var entry in Directory.GetFileSystemEntries(Store).Where(static entry => !Directory.Exists(entry) || Directory.GetFileSystemEntries(entry).Length > 0))
        {
            throw new FuzzException($"something was left behind: {Path.GetFileName(entry)}");
        }

        return outcome;
    }

    public byte[] Shape(byte[] input, Random random)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var entries = random.Next(1, 5); entries > 0; entries--)
            {
                var name = Names[random.Next(Names.Length)];
                var entry = archive.CreateEntry(name.Length == 0 ? "x" : name, (CompressionLevel)random.Next(4));
                entry.ExternalAttributes = random.Next(5) switch { 0 => unchecked((int)0xA1FF0000), 1 => unchecked((int)0x81ED0000), 2 => 0x41ED0000, 3 => random.Next(), _ => 0 };
                using var content = entry.Open();
                content.Write(random.Next(2) == 0 ? input.AsSpan(0, Math.Min(input.Length, random.Next(100))) : System.Text.Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]));
            }
        }

        var made = zip.ToArray();
        for (var flips = random.Next(4); flips > 0; flips--)
        {
            made[random.Next(made.Length)] = (byte)random.Next(256);
        }

        return made;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void CheckTree(string folder, string tree)
    {
        foreach (var path in Directory.GetFileSystemEntries(folder))
        {
            FileSystemInfo entry = new FileInfo(path);
            if (entry.LinkTarget is null)
            {
                if (Directory.Exists(path))
                {
                    CheckTree(path, tree);
                }
            }
            else if (Resolve(entry) is { } end && end != tree && !end.StartsWith(tree + "/", StringComparison.Ordinal))
            {
                throw new FuzzException($"{path} leads to {end}");
            }
        }
    }

    private static string? Resolve(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true)?.FullName.TrimEnd('/');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
