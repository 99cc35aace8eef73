using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Query;

/// <summary>Writes answers of the query protocol: the object that an operation answers with, as XML by the service's model.</summary>
internal static class QueryXml
{
    // Readers of XML make a line feed of a carriage return that is not written as an entity; what is no XML at all is written so too.
    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize,
        CheckCharacters = false,
    };

    /// <summary>An answer.</summary>
    public static byte[] Answer(ServiceModel model, ModelOperation operation, JsonObject? answer, string requestId) => Write(xml =>
    {
        xml.WriteStartElement($"{operation.Name}Response", model.Namespace);
        if (operation.Output is { } output)
        {
            xml.WriteStartElement($"{operation.Name}Result");
            Structure(xml, model, model.Shape(output), answer ?? []);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("ResponseMetadata");
        xml.WriteElementString("RequestId", requestId);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>A refusal.</summary>
    public static byte[] Error(ServiceModel model, string code, string message, int status, string requestId) => Write(xml =>
    {
        xml.WriteStartElement("ErrorResponse", model.Namespace);
        xml.WriteStartElement("Error");
        xml.WriteElementString("Type", status < 500 ? "Sender" : "Receiver");
        xml.WriteElementString("Code", code);
        xml.WriteElementString("Message", message);
        xml.WriteElementString("Detail", null);
        xml.WriteEndElement();
        xml.WriteElementString("RequestId", requestId);
        xml.WriteEndElement();
    });

    private static byte[] Write(Action<XmlWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, Settings))
        {
            write(xml);
        }

        return bytes.ToArray();
    }

    private static void Structure(XmlWriter xml, ServiceModel model, ModelShape shape, JsonObject answer)
    {
        foreach (var (name, member) in shape.Members!)
        {
            if (answer[name] is { } value)
            {
                Value(xml, model, model.Shape(member.Shape), name, value);
            }
        }
    }

    private static void Value(XmlWriter xml, ServiceModel model, ModelShape shape, string name, JsonNode value)
    {
        switch (shape.Type)
        {
            case "structure":
                xml.WriteStartElement(name);
                Structure(xml, model, shape, value.AsObject());
                xml.WriteEndElement();
                break;
            case "list":
                Elements(xml, shape, name, "member", value.AsArray(), (element, item) => Value(xml, model, model.Shape(shape.Member!), element, item!));
                break;
            case "map":
                Elements(xml, shape, name, "entry", value.AsObject(), (element, entry) =>
                {
                    xml.WriteStartElement(element);
                    xml.WriteElementString(shape.KeyName, entry.Key);
                    Value(xml, model, model.Shape(shape.Value!), shape.ValueName, entry.Value!);
                    xml.WriteEndElement();
                });
                break;
            default:
                xml.WriteElementString(name, Text(shape, value));
                break;
        }
    }

    /// <summary>What a list or a map holds: in the structure itself where it has a name for that, else in an element of its own.</summary>
    private static void Elements<T>(XmlWriter xml, ModelShape shape, string name, string element, IEnumerable<T> items, Action<string, T> write)
    {
        if (shape.Item is null)
        {
            xml.WriteStartElement(name);
        }

        foreach (var item in items)
        {
            write(shape.Item ?? element, item);
        }

        if (shape.Item is null)
        {
            xml.WriteEndElement();
        }
    }

    private static string Text(ModelShape shape, JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number when shape.Type == "timestamp" => DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        _ => value.ToJsonString(),
    };
}
