using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>
/// A map of the manifest, read key by key with variables resolved at that moment. Values are coerced as Serverless
/// does (<c>"512"</c> is a number, one value is a list of one), and every error names file, line and the whole key.
/// </summary>
internal sealed class Section
{
    private readonly ManifestReading _reading;
    private readonly MapNode _map;

    private Section(ManifestReading reading, MapNode map, string path, Position at)
    {
        _reading = reading;
        _map = map;
        Path = path;
        At = at;
    }

    /// <summary>The whole key, for example <c>functions.order.url</c>; empty for the top.</summary>
    public string Path { get; }

    /// <summary>Where its key stands.</summary>
    public Position At { get; }

    /// <summary>The keys with their values as they are written.</summary>
    public ImmutableArray<MapEntry> Entries => _map.Entries;

    /// <summary>A node as a section.</summary>
    /// <exception cref="ManifestException">It is no map.</exception>
    public static Section Of(ManifestReading reading, Node node, string path, Position at)
    {
        var head = reading.Resolver.Expand(node);
        return head is MapNode map ? new(reading, map, path, at) : throw at.Error($"{path}: must be a map of keys, not {head.Kind}.");
    }

    /// <summary>Refuses keys that nobody knows, and says which ones have no effect yet.</summary>
    public void Check(KnownKeys keys, Func<string, string?>? hint = null)
    {
        foreach (var (key, at, value) in _map.Entries)
        {
            if (keys.Active.Contains(key, StringComparer.Ordinal) || keys.Quiet.Contains(key, StringComparer.Ordinal))
            {
                continue;
            }
            if (keys.Inactive.Contains(key, StringComparer.Ordinal))
            {
                if (_reading.Keep(Name(key), value) is not ScalarNode { Type: ScalarType.Null or ScalarType.Boolean, Text: "" or "false" })
                {
                    _reading.Notice(at, $"{Name(key)} is not active yet.");
                }
                continue;
            }
            var message = $"{Name(key)}: the key \"{key}\" is not known{hint?.Invoke(key) ?? NearestName.Hint(key, keys.All)}";
            if (_reading.IsLenient || (_reading.HasPlugins && NearestName.Of(key, keys.All) is null && hint?.Invoke(key) is null))
            {
                _reading.Keep(Name(key), value);
                _reading.Notice(at, $"{message}; {(_reading.IsLenient ? "it is ignored" : "if it belongs to a plugin, it is not active here")}.");
                continue;
            }
            throw at.Error(message.EndsWith('?') ? message : $"{message}; known are {string.Join(", ", keys.Active)}.");
        }
    }

    /// <summary>The whole key of a key in this section.</summary>
    public string Name(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>Where a key stands; where the section stands when it has no such key.</summary>
    public Position PlaceOf(string key) => _map.TryGet(key, out var entry) ? entry.At : At;

    /// <summary>An error at a key.</summary>
    public ManifestException Error(string key, string problem) => PlaceOf(key).Error($"{Name(key)}: {problem}");

    /// <summary>The value as it is written; <see langword="null"/> when there is none.</summary>
    public Node? Raw(string key) => _map.TryGet(key, out var entry) && !entry.Value.IsNull ? entry.Value : null;

    /// <summary>The value with the variables inside it not resolved yet; <see langword="null"/> when there is none.</summary>
    public Node? Head(string key) => Raw(key) is { } raw && _reading.Resolver.Expand(raw) is { IsNull: false } value ? value : null;

    /// <summary>The value; <see langword="null"/> when there is none.</summary>
    public Node? Get(string key) => Raw(key) is { } raw && _reading.Resolver.Resolve(raw) is { IsNull: false } value ? value : null;

    /// <summary>A map below this one.</summary>
    public Section? Child(string key) =>
        Head(key) is { } value ? Of(_reading, value, Name(key), PlaceOf(key)) : null;

    /// <summary>A text.</summary>
    public string? Text(string key, Regex? pattern = null, string? rule = null)
    {
        if (Get(key) is not { } value)
        {
            return null;
        }
        if (value is not ScalarNode scalar)
        {
            throw Error(key, $"must be a text, not {value.Kind}.");
        }
        return pattern is null || pattern.IsMatch(scalar.Text) ? scalar.Text : throw Error(key, $"{scalar.Kind} cannot be used: {rule}.");
    }

    /// <summary>A text out of a few.</summary>
    public string? Choice(string key, params string[] choices)
    {
        var text = Text(key);
        return text is null || choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found && (text = found) is not null
            ? text
            : throw Error(key, $"must be {string.Join(" or ", choices)}, not \"{text}\".");
    }

    /// <summary>An integer within limits.</summary>
    public int? Integer(string key, int least, int most, string unit = "")
    {
        var rule = $"must be a whole number from {least} to {most}{unit}";
        return Get(key) switch
        {
            null => null,
            ScalarNode scalar when int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
            var other => throw Error(key, $"{rule}, not {other.Kind}."),
        };
    }

    /// <summary>True or false.</summary>
    public bool? Flag(string key) => Get(key) switch
    {
        null => null,
        ScalarNode { Text: "true" } => true,
        ScalarNode { Text: "false" } => false,
        var other => throw Error(key, $"must be true or false, not {other.Kind}."),
    };

    /// <summary>A list of texts; a single text is a list of one.</summary>
    public ImmutableArray<string>? Texts(string key) => Get(key) switch
    {
        null => null,
        ScalarNode scalar => [scalar.Text],
        ListNode list => [.. list.Items.Select(item => item is ScalarNode scalar ? scalar.Text : throw Error(key, $"must be a list of texts, and one is {item.Kind}."))],
        var other => throw Error(key, $"must be a list of texts, not {other.Kind}."),
    };
}
