using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>Makes operations and types from their lines in the table. By hand, since that costs the first request least.</summary>
internal static class ModelReader
{
    public static ModelOperation Operation(JsonElement json) =>
        new(Text(json, "name"u8)!, Text(json, "method"u8)!, Text(json, "path"u8)!, json.GetProperty("status"u8).GetInt32())
        {
            Input = Text(json, "input"u8),
            Output = Text(json, "output"u8),
            Errors = Texts(json, "errors"u8) ?? [],
        };

    public static ModelShape Shape(JsonElement json)
    {
        OrderedDictionary<string, ModelMember>? members = null;
        if (json.TryGetProperty("members"u8, out var list))
        {
            members = new(StringComparer.Ordinal);
            foreach (var member in list.EnumerateObject())
            {
                members.Add(member.Name, new(Text(member.Value, "shape"u8)!, Text(member.Value, "in"u8), Text(member.Value, "wire"u8), Is(member.Value, "required"u8)));
            }
        }

        return new()
        {
            Type = Text(json, "type"u8)!,
            Min = Number(json, "min"u8),
            Max = Number(json, "max"u8),
            Pattern = Text(json, "pattern"u8),
            Enum = Texts(json, "enum"u8),
            Sensitive = Is(json, "sensitive"u8),
            Payload = Text(json, "payload"u8),
            Status = (int?)Number(json, "status"u8),
            Member = Text(json, "member"u8),
            Key = Text(json, "key"u8),
            Value = Text(json, "value"u8),
            Item = Text(json, "item"u8),
            KeyName = Text(json, "keyName"u8) ?? "key",
            ValueName = Text(json, "valueName"u8) ?? "value",
            Code = Text(json, "code"u8),
            Members = members,
        };
    }

    private static string? Text(JsonElement json, ReadOnlySpan<byte> name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static double? Number(JsonElement json, ReadOnlySpan<byte> name) => json.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private static bool Is(JsonElement json, ReadOnlySpan<byte> name) => json.TryGetProperty(name, out var value) && value.GetBoolean();

    private static string[]? Texts(JsonElement json, ReadOnlySpan<byte> name)
    {
        if (!json.TryGetProperty(name, out var list))
        {
            return null;
        }

        var texts = new string[list.GetArrayLength()];
        var i = 0;
        foreach (var text in list.EnumerateArray())
        {
            texts[i++] = text.GetString()!;
        }

        return texts;
    }
}
