using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>What a pattern asks of an object: something of each of some fields, and of each <c>$or</c> one of its alternatives.</summary>
internal sealed class PatternObject
{
    private readonly List<(string Name, PatternObject Node)> _objects = [];
    private readonly List<(string Name, PatternLeaf Node)> _leaves = [];
    private readonly List<List<PatternObject>> _alternatives = [];

    /// <summary>Every leaf that must match, however deep, without those of alternatives.</summary>
    public IEnumerable<PatternLeaf> Leaves =>
        _leaves.Select(static leaf => leaf.Node).Concat(_objects.SelectMany(static child => child.Node.Leaves));

    /// <summary>Reads an object of a pattern.</summary>
    /// <param name="pattern">The object.</param>
    /// <param name="path">The names that lead to it.</param>
    public static PatternObject Read(JsonElement pattern, string[] path)
    {
        var node = new PatternObject();
        foreach (var field in pattern.EnumerateObject())
        {
            string[] below = [.. path, field.Name];
            switch (field.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    node._objects.Add((field.Name, Read(field.Value, below)));
                    break;
                case JsonValueKind.Array when field.Name == "$or" && AreObjects(field.Value):
                    node._alternatives.Add([.. field.Value.EnumerateArray().Select(alternative => Read(alternative, path))]);
                    break;
                case JsonValueKind.Array:
                    node._leaves.Add((field.Name, PatternLeaf.Read(field.Value, below)));
                    break;
                default:
                    throw new EventPatternException($"\"{string.Join('.', below)}\" must be an object or an array");
            }
        }

        return node is { _objects.Count: 0, _leaves.Count: 0, _alternatives.Count: 0 }
            ? throw new EventPatternException(path.Length == 0 ? "Filter is empty" : $"\"{string.Join('.', path)}\" must not be empty")
            : node;
    }

    /// <summary>Whether a value has what is asked; a field that an event lacks may be what is asked for.</summary>
    /// <param name="value">An object, an array of objects, or anything else, which has no fields.</param>
    /// <param name="root">The whole event.</param>
    public bool Matches(JsonElement value, JsonElement root)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray())
            {
                if (Matches(element, root))
                {
                    return true;
                }
            }

            return false;
        }

        foreach (var (name, node) in _leaves)
        {
            if (!node.Matches(Field(value, name), root))
            {
                return false;
            }
        }

        foreach (var (name, node) in _objects)
        {
            if (!node.Matches(Field(value, name), root))
            {
                return false;
            }
        }

        return _alternatives.TrueForAll(any => any.Exists(alternative => alternative.Matches(value, root)));
    }

    private static JsonElement Field(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var field) ? field : default;

    private static bool AreObjects(JsonElement array) =>
        array.GetArrayLength() > 1 && array.EnumerateArray().All(static element => element.ValueKind == JsonValueKind.Object && !element.EnumerateObject().Any(static field => PatternOperators.Names.Contains(field.Name)));
}
