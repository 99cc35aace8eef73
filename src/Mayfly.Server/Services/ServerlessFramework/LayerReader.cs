using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the layers of a service.</summary>
internal static partial class LayerReader
{
    /// <summary>Reads them, in the order of the manifest.</summary>
    public static ImmutableArray<LayerDefinition> Read(Section top, ManifestReading reading)
    {
        if (top.Child("layers") is not { } section)
        {
            return [];
        }

        var layers = ImmutableArray.CreateBuilder<LayerDefinition>();
        foreach (var (key, at, value) in section.Entries)
        {
            var layer = Section.Of(reading, value, section.Name(key), at);
            layer.Check(KnownKeys.Layer);
            var name = layer.Text("name", LayerName(), "letters, digits, - and _ only, at most 140") ?? key;
            if (!LayerName().IsMatch(name))
            {
                throw at.Error($"{section.Name(key)}: the key of a layer has letters, digits, - and _ only.");
            }

            if (layers.Any(other => other.Name == name))
            {
                throw layer.Error("name", $"\"{name}\" is the name of another layer already.");
            }

            layers.Add(ReadOne(layer, key, name, reading));
        }

        return layers.ToImmutable();
    }

    /// <summary>What <c>Ref</c> calls a layer: the key with the first letter large and signs spelt out.</summary>
    public static string LogicalId(string key)
    {
        var text = key.Replace("-", "Dash", StringComparison.Ordinal).Replace("_", "Underscore", StringComparison.Ordinal);
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}LambdaLayer";
    }

    private static LayerDefinition ReadOne(Section layer, string key, string name, ManifestReading reading)
    {
        var package = PackageSettings.Read(layer);
        var path = layer.Text("path");
        if (path is null && package.Artifact is null)
        {
            throw layer.Error("path", "is missing; write the folder that becomes /opt, for example path: layer.");
        }

        var artifact = package.Artifact is null ? null : Path.GetFullPath(package.Artifact, reading.Files.Folder);
        var folder = artifact is not null ? Path.GetDirectoryName(artifact)! : Path.GetFullPath(path!, reading.Files.Folder);
        if (artifact is null && !Directory.Exists(folder))
        {
            throw layer.Error("path", $"the folder \"{path}\" is not there.");
        }

        return new()
        {
            Key = key,
            Name = name,
            Folder = folder,
            PackagePatterns = package.Patterns,
            Artifact = artifact,
            Description = layer.Text("description", UpTo256(), "at most 256 characters"),
            CompatibleRuntimes = layer.Texts("compatibleRuntimes"),
            CompatibleArchitectures = layer.Texts("compatibleArchitectures"),
            License = layer.Text("licenseInfo"),
            Retain = layer.Flag("retain") == true,
        };
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,140}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LayerName();

    [GeneratedRegex(@"^.{0,256}\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UpTo256();
}
