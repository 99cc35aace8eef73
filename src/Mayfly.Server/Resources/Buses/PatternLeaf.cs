using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>What a pattern asks of one field: one of some alternatives.</summary>
internal sealed class PatternLeaf
{
    private readonly List<Predicate<JsonElement>> _predicates = [];
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private bool _mayLack;

    private PatternLeaf(string[] path) => Path = path;

    /// <summary>The names that lead to the field.</summary>
    public string[] Path { get; }

    /// <summary>The texts that match exactly.</summary>
    public IReadOnlyCollection<string> Texts => _texts;

    /// <summary>Whether nothing but <see cref="Texts"/> matches.</summary>
    public bool OnlyExact => _predicates.Count == 0 && !_mayLack;

    /// <summary>Reads the alternatives of a field.</summary>
    public static PatternLeaf Read(JsonElement alternatives, string[] path)
    {
        var leaf = new PatternLeaf(path);
        foreach (var alternative in alternatives.EnumerateArray())
        {
            switch (alternative.ValueKind)
            {
                case JsonValueKind.String:
                    leaf._texts.Add(alternative.GetString()!);
                    break;
                case JsonValueKind.Object when PatternOperators.Single(alternative) is { Name: "exists" } exists:
                    leaf.AddExists(exists.Value);
                    break;
                case JsonValueKind.Object:
                    leaf._predicates.Add(PatternOperators.Read(PatternOperators.Single(alternative)));
                    break;
                case JsonValueKind.Array:
                    throw new EventPatternException($"\"{string.Join('.', path)}\": match value must be String, number, true, false, or null");
                default:
                    leaf._predicates.Add(PatternOperators.Equal(alternative.Clone()));
                    break;
            }
        }

        return leaf._texts.Count == 0 && leaf.OnlyExact ? throw new EventPatternException($"\"{string.Join('.', path)}\": empty arrays are not allowed") : leaf;
    }

    /// <summary>Whether a field of an event matches.</summary>
    /// <param name="value">The field; undefined when it is not there.</param>
    /// <param name="root">The whole event.</param>
    public bool Matches(JsonElement value, JsonElement root) => MatchesValue(value) || (_mayLack && !Has(root, Path));

    private bool MatchesValue(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Object:
                return false;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                {
                    if (MatchesValue(element))
                    {
                        return true;
                    }
                }

                return false;
            case JsonValueKind.String when _texts.Count > 0 && _texts.Contains(value.GetString()!):
                return true;
            default:
                return _predicates.Exists(predicate => predicate(value));
        }
    }

    private void AddExists(JsonElement wanted)
    {
        switch (wanted.ValueKind)
        {
            case JsonValueKind.True:
                _predicates.Add(static _ => true);
                break;
            case JsonValueKind.False:
                _mayLack = true;
                break;
            default:
                throw new EventPatternException("exists match pattern must be either true or false.");
        }
    }

    // Whether there is a value at the path, in any object of any array on the way.
    private static bool Has(JsonElement value, ReadOnlySpan<string> path)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray())
            {
                if (Has(element, path))
                {
                    return true;
                }
            }

            return false;
        }

        return path.IsEmpty
            ? value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined)
            : value.ValueKind == JsonValueKind.Object && value.TryGetProperty(path[0], out var field) && Has(field, path[1..]);
    }
}
