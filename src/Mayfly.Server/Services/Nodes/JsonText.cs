using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Services.Nodes;

/// <summary>Reads JSON into nodes with line numbers.</summary>
internal static class JsonText
{
    /// <summary>Reads the text.</summary>
    /// <exception cref="ManifestException">It is not JSON.</exception>
    public static Node Parse(string file, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = Node.MaxDepth, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            var lines = new LineCounter(file, bytes);
            reader.Read();
            var root = ReadValue(ref reader, lines);
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var sentence = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? e.Message[..end] : e.Message;
            throw new ManifestException(file, (int)(e.LineNumber ?? 0) + 1, $"this is not JSON: {sentence.TrimEnd('.')}.");
        }
    }

    private static Node ReadValue(ref Utf8JsonReader reader, LineCounter lines)
    {
        var at = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                var items = ImmutableArray.CreateBuilder<Node>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader, lines));
                }
                return new ListNode(at, items.ToImmutable());
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, lines, at);
            case JsonTokenType.String:
                var text = reader.GetString() ?? "";
                return text.Contains('\0')
                    ? throw at.Error("a text holds a zero byte, which no environment and no path can have.")
                    : new ScalarNode(at, text, ScalarType.Text);
            case JsonTokenType.Number:
                return ScalarNode.Plain(at, Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return new ScalarNode(at, reader.GetBoolean() ? "true" : "false", ScalarType.Boolean);
            default:
                return new ScalarNode(at, "", ScalarType.Null);
        }
    }

    private static MapNode ReadObject(ref Utf8JsonReader reader, LineCounter lines, Position at)
    {
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var keyAt = lines.At(reader.TokenStartIndex);
            var key = reader.GetString() ?? "";
            if (!places.TryAdd(key, keyAt.Line))
            {
                throw keyAt.Error($"\"{key}\" stands twice in the same map, first on line {places[key]}; remove one.");
            }
            reader.Read();
            entries.Add(new(key, keyAt, ReadValue(ref reader, lines)));
        }
        return new(at, entries.ToImmutable());
    }

    /// <summary>Counts lines forward; tokens come in order, so each byte is looked at once.</summary>
    private sealed class LineCounter(string file, byte[] bytes)
    {
        private long _offset;
        private int _line = 1;

        public Position At(long offset)
        {
            for (; _offset < offset; _offset++)
            {
                _line += bytes[_offset] == '\n' ? 1 : 0;
            }
            return new(file, _line);
        }
    }
}
