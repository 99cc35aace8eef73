using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Query;

/// <summary>Makes of a form the object that the same request would be in JSON, by the service's model. Values that are not of their type stay texts, for the validator to tell.</summary>
internal static class QueryInput
{
    /// <summary>The input of an operation.</summary>
    /// <exception cref="AwsException">An entry of a map has no key.</exception>
    public static ReadOnlyMemory<byte> Read(ServiceModel model, ModelOperation operation, FormNode form) =>
        JsonExchange.Bytes(operation.Input is { } input ? Structure(model, model.Shape(input), form) : []);

    private static JsonObject Structure(ServiceModel model, ModelShape shape, FormNode node)
    {
        var read = new JsonObject();
        foreach (var (name, member) in shape.Members!)
        {
            var type = model.Shape(member.Shape);
            if (node[type.Item ?? name] is { } child)
            {
                read[name] = Value(model, type, child, name);
            }
        }

        return read;
    }

    private static JsonNode? Value(ServiceModel model, ModelShape shape, FormNode node, string name) => shape.Type switch
    {
        "structure" => Structure(model, shape, node),
        "list" => List(model, shape, node, name),
        "map" => Map(model, shape, node, name),
        "boolean" when node.Text is "true" or "false" => node.Text == "true",
        "integer" or "long" when long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => node.Text,
    };

    /// <summary>One without a number is the only element; an empty one tells that the list is.</summary>
    private static JsonArray List(ServiceModel model, ModelShape shape, FormNode node, string name)
    {
        var element = model.Shape(shape.Member!);
        var elements = shape.Item is null ? node["member"] : node;
        return node.Text is { Length: > 0 } && !node.HasChildren
            ? [Value(model, element, node, name)]
            : new([.. (elements?.Numbered() ?? []).Select(item => Value(model, element, item, name))]);
    }

    private static JsonObject Map(ServiceModel model, ModelShape shape, FormNode node, string name)
    {
        var (read, type) = (new JsonObject(), model.Shape(shape.Value!));
        foreach (var entry in ((shape.Item is null ? node["entry"] : node)?.Numbered() ?? []))
        {
            var key = entry[shape.KeyName]?.Text ?? throw new AwsException("MalformedInput", $"An entry of {name} has no {shape.KeyName}.");
            read[key] = entry[shape.ValueName] is { } value ? Value(model, type, value, name) : null;
        }

        return read;
    }
}
