using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Services.Nodes;

/// <summary>Writes nodes as JSON, to be kept for an engine that understands them.</summary>
internal static class NodeJson
{
    /// <summary>The node as JSON text.</summary>
    public static string Write(Node node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = Node.MaxDepth * 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(node, writer);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Node node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(entry.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(item, writer);
                }
                writer.WriteEndArray();
                break;
            case ScalarNode { Type: ScalarType.Null }:
                writer.WriteNullValue();
                break;
            case ScalarNode { Type: ScalarType.Boolean } flag:
                writer.WriteBooleanValue(flag.Text == "true");
                break;
            case ScalarNode { Type: ScalarType.Number } number:
                writer.WriteRawValue(double.Parse(number.Text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture));
                break;
            case ScalarNode text:
                writer.WriteStringValue(text.Text);
                break;
            default:
                throw new InvalidOperationException();
        }
    }
}
