using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>
/// Which events a rule wants, as EventBridge documents it: an object that mirrors the event. All of its fields must match,
/// and of the alternatives of a field one; an array in the event matches when one of its elements does. What is asked of the
/// objects in an array must hold for one and the same of them. Immutable.
/// </summary>
public sealed class EventPattern
{
    /// <summary>Most characters of a pattern.</summary>
    public const int MaxLength = 4096;

    private readonly PatternObject _root;

    private EventPattern(PatternObject root, string text) => (_root, Text) = (root, text);

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The fields that must have one of a few texts, each by its path.</summary>
    internal IEnumerable<PatternLeaf> ExactFields => _root.Leaves.Where(static leaf => leaf.OnlyExact);

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="most">Most characters of it.</param>
    /// <exception cref="EventPatternException">It is none; the message says why.</exception>
    public static EventPattern Parse(string text, int most = MaxLength)
    {
        if (text.Length > most)
        {
            throw new EventPatternException(string.Create(CultureInfo.InvariantCulture, $"It has {text.Length} characters; {most} are allowed"));
        }

        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(PatternObject.Read(document.RootElement, []), text)
                : throw new EventPatternException("Filter is not an object");
        }
        catch (JsonException e)
        {
            throw new EventPatternException($"Filter is not valid JSON: {e.Message}");
        }
    }

    /// <summary>Whether an event is wanted.</summary>
    public bool Matches(JsonElement @event) => _root.Matches(@event, @event);
}
