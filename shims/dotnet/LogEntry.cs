using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>One entry of the log. <c>{Name}</c> in the message stands for the argument in its turn, or for that of its number.</summary>
internal sealed record LogEntry(string? Level, string? Message, Exception? Error = null, params object?[] Arguments)
{
    /// <summary>Time, request id, level and message, separated by tabs; an exception follows.</summary>
    public string ToText(string time, string? requestId)
    {
        var label = LogLevels.LabelOf(Level);
        var message = Text(null);
        var full = Error is null ? message : message.Length == 0 ? Error.ToString() : $"{message}\n{Error}";
        return string.IsNullOrEmpty(label) ? $"{time}\t{requestId}\t{full}" : $"{time}\t{requestId}\t{label}\t{full}";
    }

    /// <summary>The message and its exception alone.</summary>
    public string ToPlain() => Error is null ? Text(null) : $"{Text(null)}\n{Error}";

    /// <summary>One JSON object, with a member for every argument.</summary>
    public string ToJson(string time, Invocation? invocation)
    {
        var named = new List<(string Name, object Value)>();
        var message = Text(named);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", time);
            json.WriteString("level", LogLevels.NameOf(Level));
            if (invocation is { RequestId.Length: > 0 })
            {
                json.WriteString("requestId", invocation.RequestId);
            }

            if (invocation is { TraceId: { Length: > 0 } trace })
            {
                json.WriteString("traceId", trace);
            }

            json.WriteString("message", message);
            foreach (var (name, value) in named)
            {
                json.WritePropertyName(name.TrimStart('@').Split(':')[0]);
                WriteValue(json, value, name[0] == '@');
            }

            if (Error is not null)
            {
                json.WriteString("errorType", Error.GetType().FullName);
                json.WriteString("errorMessage", Error.Message);
                json.WriteStartArray("stackTrace");
                foreach (var line in Error.ToString().Split('\n'))
                {
                    json.WriteStringValue(line.Trim());
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, object value, bool whole)
    {
        if (whole || value is bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or System.Collections.ICollection)
        {
            JsonSerializer.Serialize(json, value);
        }
        else
        {
            json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
        }
    }

    private string Text(List<(string Name, object Value)>? named)
    {
        var template = Message ?? "";
        if (Arguments.Length == 0)
        {
            return template;
        }

        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf('{', at);
            var close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
            {
                return text.Append(template, at, template.Length - at).ToString();
            }

            var name = template[(open + 1)..close];
            var format = name.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? name[(colon + 1)..] : null;
            var index = int.TryParse(name.Split(':')[0], out var number) ? number : next++;
            text.Append(template, at, open - at);
            if (name.Length > 0 && index < Arguments.Length)
            {
                var value = Arguments[index];
                text.Append(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());
                if (value is not null)
                {
                    named?.Add((name, value));
                }
            }
            else
            {
                text.Append(template, open, close + 1 - open);
            }

            at = close + 1;
        }

        return text.ToString();
    }
}
