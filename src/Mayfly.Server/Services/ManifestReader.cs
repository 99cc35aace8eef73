using Mayfly.Server.Services.Nodes;
using Mayfly.Server.Services.ServerlessFramework;
using Mayfly.Server.Services.Variables;

namespace Mayfly.Server.Services;

/// <summary>Finds and reads the manifest of a service.</summary>
public static class ManifestReader
{
    /// <summary>The names of a manifest that can be read, the first one first.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["serverless.yml", "serverless.yaml", "serverless.json"];

    private static readonly string[] Programs = ["serverless.ts", "serverless.js", "serverless.mjs", "serverless.cjs"];

    /// <summary>The manifest of a folder, as a file name; <see langword="null"/> when it has none.</summary>
    /// <exception cref="ManifestException">The manifest is a program.</exception>
    public static string? TryFind(string folder)
    {
        if (FileNames.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))) is { } found)
        {
            return found;
        }
        return Programs.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))) is { } program
            ? throw new ManifestException(program, 1, "a manifest that is a program is not run; write serverless.yml instead. The Serverless command line makes one: serverless print --format yaml > serverless.yml.")
            : null;
    }

    /// <summary>Reads the manifest of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What it is read with.</param>
    /// <exception cref="ManifestException">There is no manifest, or it cannot be used.</exception>
    public static ServiceManifest Read(string folder, ManifestOptions options)
    {
        if (!Directory.Exists(folder))
        {
            throw new ManifestException(FileNames[0], 1, $"the folder {folder} is not there.");
        }
        var file = TryFind(folder) ?? throw new ManifestException(FileNames[0], 1, $"the folder {folder} has no such file.");
        var manifest = ServiceReader.Read(file, new ManifestFiles(folder), options);
        var others = FileNames.Where(name => name != file && File.Exists(Path.Combine(folder, name))).ToList();
        return others.Count == 0
            ? manifest
            : manifest with { Notices = [.. manifest.Notices, new ManifestNotice(file, 0, $"{string.Join(" and ", others)} is ignored, since {file} is there.")] };
    }
}
