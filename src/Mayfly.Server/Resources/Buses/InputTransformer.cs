using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Buses;

/// <summary>
/// What a target gets in place of the event: a template in which <c>&lt;name&gt;</c> stands for a part of it. Within
/// quotes the part is text, outside of them JSON; a part that the event lacks is an empty text. Immutable.
/// </summary>
public sealed partial class InputTransformer
{
    /// <summary>Most characters of a template.</summary>
    public const int MaxTemplate = 8192;

    private const string Own = "aws.events.";

    private static readonly string[] OwnNames = [Own + "rule-arn", Own + "rule-name", Own + "event.ingestion-time", Own + "event", Own + "event.json"];

    // As it stands there: no \u0022 for a quote and no \u00E9 for a letter.
    private static readonly JavaScriptEncoder Plain = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private readonly string _template;
    private readonly Dictionary<string, EventPath> _paths = new(StringComparer.Ordinal);

    private InputTransformer(string template) => _template = template;

    /// <summary>Reads one.</summary>
    /// <param name="paths">The parts, by name; <see langword="null"/> for none.</param>
    /// <param name="template">The template.</param>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static InputTransformer Parse(IReadOnlyDictionary<string, string>? paths, string template)
    {
        var transformer = new InputTransformer(template);
        foreach (var (name, path) in paths ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (name.StartsWith("aws", StringComparison.OrdinalIgnoreCase))
            {
                throw new FormatException($"the name '{name}' begins with AWS, which is reserved");
            }

            transformer._paths.Add(name, EventPath.TryParse(path) ?? throw new FormatException($"the path '{path}' of '{name}' cannot be read"));
        }

        foreach (var name in Placeholder().Matches(template).Select(static match => match.Groups["name"].Value))
        {
            if (!transformer._paths.ContainsKey(name) && !OwnNames.Contains(name, StringComparer.Ordinal))
            {
                throw new FormatException($"the template names <{name}>, which InputPathsMap does not have");
            }
        }

        try
        {
            using var filled = JsonDocument.Parse(transformer.Fill(static (_, inText) => inText ? "" : "\"\""));
        }
        catch (JsonException e)
        {
            throw new FormatException($"the template is not JSON: {e.Message}", e);
        }

        return transformer;
    }

    /// <summary>Fills the template.</summary>
    /// <param name="event">The event.</param>
    /// <param name="ruleArn">The rule that it matched.</param>
    /// <param name="ingested">When it came.</param>
    /// <returns>JSON.</returns>
    public byte[] Apply(JsonElement @event, string ruleArn, DateTimeOffset ingested) => Encoding.UTF8.GetBytes(Fill((name, inText) =>
    {
        var part = name switch
        {
            Own + "rule-arn" => ToJson(ruleArn),
            Own + "rule-name" => ToJson(ruleArn[(ruleArn.LastIndexOf('/') + 1)..]),
            Own + "event.ingestion-time" => ToJson(ingested.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)),
            Own + "event.json" => @event.GetRawText(),
            Own + "event" => WithoutDetail(@event),
            _ => _paths[name].Select(@event) is { ValueKind: not JsonValueKind.Undefined } found ? found.GetRawText() : "\"\"",
        };
        if (!inText)
        {
            return part;
        }

        // Within quotes a text goes without its own; what is no text is written as one.
        return part.StartsWith('"') ? part[1..^1] : Plain.Encode(part);
    }));

    private static string ToJson(string text) => $"\"{Plain.Encode(text)}\"";

    private static string WithoutDetail(JsonElement @event)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = Plain }))
        {
            writer.WriteStartObject();
            foreach (var member in @event.EnumerateObject().Where(static member => member.Name != "detail"))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private string Fill(Func<string, bool, string> part)
    {
        var filled = new StringBuilder(_template.Length * 2);
        var (inText, at) = (false, 0);
        foreach (Match match in Placeholder().Matches(_template))
        {
            for (; at < match.Index; at++)
            {
                inText ^= _template[at] == '"' && !IsEscaped(at);
                filled.Append(_template[at]);
            }

            filled.Append(part(match.Groups["name"].Value, inText));
            at = match.Index + match.Length;
        }

        return filled.Append(_template.AsSpan(at)).ToString();
    }

    private bool IsEscaped(int at)
    {
        var escapes = 0;
        while (at - escapes > 0 && _template[at - escapes - 1] == '\\')
        {
            escapes++;
        }

        return escapes % 2 == 1;
    }

    [GeneratedRegex("<(?<name>[A-Za-z0-9._-]+)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
