using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>
/// Many patterns, of which an event is held against few: each is found by one field that must have one of a few texts, the
/// one that the fewest others share. Patterns without such a field are tried each time. Immutable.
/// </summary>
/// <typeparam name="T">What a pattern stands for.</typeparam>
public sealed class EventPatternIndex<T>
{
    private readonly List<(EventPattern Pattern, T Value)> _rest = [];
    private readonly List<(string[] Path, Dictionary<string, List<(EventPattern Pattern, T Value)>> ByText)> _fields = [];

    /// <summary>Makes it.</summary>
    /// <param name="patterns">The patterns, and what each stands for.</param>
    public EventPatternIndex(IReadOnlyCollection<(EventPattern Pattern, T Value)> patterns)
    {
        var shared = new Dictionary<(string Path, string Text), int>();
        foreach (var key in patterns.SelectMany(static entry => entry.Pattern.ExactFields).SelectMany(Keys))
        {
            shared[key] = shared.GetValueOrDefault(key) + 1;
        }

        var fields = new Dictionary<string, Dictionary<string, List<(EventPattern Pattern, T Value)>>>(StringComparer.Ordinal);
        foreach (var entry in patterns)
        {
            if (entry.Pattern.ExactFields.MinBy(leaf => Keys(leaf).Sum(key => (long)shared[key])) is not { } best)
            {
                _rest.Add(entry);
                continue;
            }

            if (!fields.TryGetValue(Name(best), out var byText))
            {
                fields.Add(Name(best), byText = new(StringComparer.Ordinal));
                _fields.Add((best.Path, byText));
            }

            foreach (var text in best.Texts)
            {
                if (!byText.TryGetValue(text, out var found))
                {
                    byText.Add(text, found = []);
                }

                found.Add(entry);
            }
        }
    }

    /// <summary>What the patterns stand for that an event matches; each once.</summary>
    public List<T> Match(JsonElement @event)
    {
        var tried = new HashSet<(EventPattern, T)>();
        var matched = new List<T>();
        Try(_rest);
        foreach (var (path, byText) in _fields)
        {
            Find(@event, path, byText);
        }

        return matched;

        void Find(JsonElement value, ReadOnlySpan<string> path, Dictionary<string, List<(EventPattern Pattern, T Value)>> byText)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var element in value.EnumerateArray())
                {
                    Find(element, path, byText);
                }
            }
            else if (!path.IsEmpty)
            {
                if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(path[0], out var field))
                {
                    Find(field, path[1..], byText);
                }
            }
            else if (value.ValueKind == JsonValueKind.String && byText.TryGetValue(value.GetString()!, out var entries))
            {
                Try(entries);
            }
        }

        void Try(List<(EventPattern Pattern, T Value)> entries)
        {
            foreach (var entry in entries)
            {
                if (tried.Add(entry) && entry.Pattern.Matches(@event))
                {
                    matched.Add(entry.Value);
                }
            }
        }
    }

    private static IEnumerable<(string Path, string Text)> Keys(PatternLeaf leaf) => leaf.Texts.Select(text => (Name(leaf), text));

    private static string Name(PatternLeaf leaf) => string.Join('\0', leaf.Path);
}
