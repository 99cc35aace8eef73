using System.Text;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.Variables;

/// <summary>The files of one reading: each is read once, and all are remembered for whoever watches them.</summary>
internal sealed class ManifestFiles(string folder)
{
    private const int MaxBytes = 4 << 20;
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly List<string> _read = [];

    /// <summary>The service's folder, absolute.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Every file that was read or looked for, absolute.</summary>
    public IReadOnlyList<string> Read => _read;

    /// <summary>The text of a file; <see langword="null"/> when it is not there.</summary>
    public string? TryReadText(string path, Position at)
    {
        var full = Path.GetFullPath(path, Folder);
        if (!_read.Contains(full, StringComparer.Ordinal))
        {
            _read.Add(full);
        }
        if (!File.Exists(full))
        {
            return null;
        }
        try
        {
            using var stream = File.OpenRead(full);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxBytes
                ? new UTF8Encoding(false, true).GetString(bytes, 0, length).TrimStart('\uFEFF')
                : throw at.Error($"the file {path} is larger than {MaxBytes >> 20} MiB.");
        }
        catch (DecoderFallbackException)
        {
            throw at.Error($"the file {path} is not UTF-8 text.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw at.Error($"the file {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>The content of a YAML or JSON file, or the text of any other; <see langword="null"/> when it is not there.</summary>
    public Node? TryReadNode(string path, Position at)
    {
        var shown = Path.GetRelativePath(Folder, Path.GetFullPath(path, Folder));
        if (_nodes.TryGetValue(shown, out var known))
        {
            return known;
        }
        if (TryReadText(path, at) is not { } text)
        {
            return null;
        }
        Node node = Path.GetExtension(shown).ToLowerInvariant() switch
        {
            ".yml" or ".yaml" => YamlText.Parse(shown, text),
            ".json" or ".tfstate" => JsonText.Parse(shown, text),
            _ => new ScalarNode(new(shown, 1), text, ScalarType.Text, literal: true),
        };
        _nodes.Add(shown, node);
        return node;
    }
}
