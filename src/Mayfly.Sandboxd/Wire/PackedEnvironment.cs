using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Mayfly.Sandboxd.Launching;

namespace Mayfly.Sandboxd.Wire;

/// <summary>Variables as they came: a JSON object of strings. A stem is handed it as it is; it is read only where a program is started with it.</summary>
/// <param name="json">The object. Nothing in it has been checked.</param>
internal sealed class PackedEnvironment(ReadOnlyMemory<byte> json) : IReadOnlyDictionary<string, string>
{
    private readonly Lazy<IReadOnlyDictionary<string, string>> _variables = new(() => Read(json.Span));

    /// <summary>The object.</summary>
    internal ReadOnlyMemory<byte> Json => json;

    /// <inheritdoc/>
    public int Count => _variables.Value.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _variables.Value.Keys;

    /// <inheritdoc/>
    public IEnumerable<string> Values => _variables.Value.Values;

    /// <inheritdoc/>
    public string this[string key] => _variables.Value[key];

    /// <summary>The object of some variables.</summary>
    internal static ReadOnlySpan<byte> Pack(IReadOnlyDictionary<string, string> variables)
    {
        if (variables is PackedEnvironment packed)
        {
            return packed.Json.Span;
        }

        var bytes = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in variables)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return bytes.WrittenSpan;
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _variables.Value.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _variables.Value.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _variables.Value.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Whatever it is instead, it has no variables that could be given to a program.
    private static Dictionary<string, string> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Default.DictionaryStringString) ?? throw Wrong();
        }
        catch (JsonException)
        {
            throw Wrong();
        }
    }

    private static StartRefusedException Wrong() => new("The sandbox was refused: its environment is no object of strings.");
}
