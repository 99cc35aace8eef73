using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Buses;

/// <summary>A path into an event, as <c>InputPath</c> takes it: <c>$</c>, <c>$.detail.state</c>, <c>$.resources[0]</c>, <c>$.detail['a key']</c>. Immutable.</summary>
public sealed partial class EventPath
{
    // A name of a member, or the index of an element.
    private readonly List<(string? Name, int Index)> _steps = [];

    private EventPath()
    {
    }

    /// <summary>Reads a path.</summary>
    /// <returns><see langword="null"/>: it is none.</returns>
    public static EventPath? TryParse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var path = new EventPath();
        foreach (var step in match.Groups["step"].Captures.Select(static capture => capture.Value))
        {
            path._steps.Add(step switch
            {
                ['.', .. var name] => (name, 0),
                ['[', '\'' or '"', .. var name, '\'' or '"', ']'] => (name, 0),
                _ => (null, int.Parse(step.AsSpan(1, step.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture)),
            });
        }

        return path;
    }

    /// <summary>What the path leads to.</summary>
    /// <returns>An undefined element where it leads nowhere.</returns>
    public JsonElement Select(JsonElement root)
    {
        foreach (var (name, index) in _steps)
        {
            root = root.ValueKind switch
            {
                JsonValueKind.Object when name is not null && root.TryGetProperty(name, out var member) => member,
                JsonValueKind.Array when name is null && index < root.GetArrayLength() => root[index],
                _ => default,
            };
        }

        return root;
    }

    [GeneratedRegex("""^\$(?<step>\.[A-Za-z0-9_-]+|\[[0-9]{1,6}\]|\['[^']+'\]|\["[^"]+"\])*\z""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
