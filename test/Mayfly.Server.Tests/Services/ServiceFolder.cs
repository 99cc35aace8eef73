using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

/// <summary>A service's folder on disk, removed at the end of a test.</summary>
internal sealed class ServiceFolder : IDisposable
{
    public ServiceFolder(string? manifest = null)
    {
        Folder = Directory.CreateTempSubdirectory("mayfly-manifest-").FullName;
        if (manifest is not null)
        {
            With("serverless.yml", manifest);
        }
    }

    public string Folder { get; }

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public ManifestOptions Options => new()
    {
        Environment = Environment.GetValueOrDefault,
        KnownRuntimes = ["dotnet8", "http", "nodejs20.x", "provided.al2023", "python3.11", "python3.12"],
    };

    public ServiceFolder With(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public ServiceManifest Read(Func<ManifestOptions, ManifestOptions>? change = null) =>
        ManifestReader.Read(Folder, change is null ? Options : change(Options));

    public string Refusal(Func<ManifestOptions, ManifestOptions>? change = null) => Should.Throw<ManifestException>(() => Read(change)).Message;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A manifest with one function, whose further lines are given with their indentation below the function.</summary>
    public static string OneFunction(string lines, string top = "") =>
        $"service: shop\nprovider:\n  name: aws\n  runtime: python3.12\nfunctions:\n  hello:\n    handler: app.handler\n{string.Concat(lines.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => $"    {line}\n"))}{top}";
}
