using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>
/// Reads a JSON body once, beside its shape, and notes what is out of bounds. Nothing is kept of the body, and long
/// texts without bounds (a zip in base64) are not decoded. Members that the model does not know are skipped, as the
/// services do; <see langword="null"/> is the same as absent.
/// </summary>
internal ref struct BodyWalk(ServiceModel model, ReadOnlySpan<byte> body, List<(int Order, string Text)> failures)
{
    private const string StartOfList = "Start of list found where not expected";
    private const string StartOfMap = "Start of structure or map found where not expected.";

    private readonly ReadOnlySpan<byte> _body = body;
    private Utf8JsonReader _reader = new(body);
    private int _order;

    /// <summary>Set when the body has another type than the model wants: the walk ended there.</summary>
    public string? Unreadable { get; private set; }

    /// <summary>Walks the whole body of a request.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public void Request(ModelShape input)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            Absent(input, "", []);
        }
        else if (Structure(input, ""))
        {
            _reader.Read(); // What follows is an error.
        }
    }

    /// <summary>Walks the body of a request whose body is one member.</summary>
    public void Payload(string shape, string path, int order)
    {
        _order = order;
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null || Value(shape, path))
        {
            _reader.Read();
        }
    }

    private bool Value(string name, string path)
    {
        var shape = model.Shape(name);
        switch (shape.Type)
        {
            case "structure":
                return Structure(shape, path + ".");
            case "list":
                return List(shape, path);
            case "map":
                return Map(shape, path);
            default:
                var broken = Scalar(name, shape, out var text);
                foreach (var words in broken ?? [])
                {
                    Fail(path, shape.Sensitive ? null : text, words);
                }

                return broken is not null;
        }
    }

    private bool Structure(ModelShape shape, string prefix)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Refuse(_reader.TokenType == JsonTokenType.StartArray ? StartOfList : "Expected null");
        }

        HashSet<string>? seen = null;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, member, order) = Find(shape, _reader.GetString()!);
            _reader.Read();
            if (member is null)
            {
                _reader.Skip();
                continue;
            }

            if (_reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            (seen ??= new(StringComparer.Ordinal)).Add(name);
            _order = prefix.Length == 0 ? order : _order;
            if (!Value(member.Shape, prefix + MemberRules.Lower(name)))
            {
                return false;
            }
        }

        Absent(shape, prefix, seen ?? []);
        return true;
    }

    private void Absent(ModelShape shape, string prefix, HashSet<string> seen)
    {
        var order = 0;
        foreach (var (name, member) in shape.Members!)
        {
            if (member is { Required: true, In: null } && !seen.Contains(name))
            {
                failures.Add((prefix.Length == 0 ? order : _order, MemberRules.Missing(prefix + MemberRules.Lower(name))));
            }

            order++;
        }
    }

    private bool List(ModelShape shape, string path)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return Refuse(_reader.TokenType == JsonTokenType.StartObject ? StartOfMap : "Expected list or null");
        }

        var (start, count, holds) = ((int)_reader.TokenStartIndex, 0, true);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            if (!Element(shape.Member!, $"{path}.{count}.member", ref holds))
            {
                return false;
            }
        }

        foreach (var (words, kept) in MemberRules.OfLength(shape, count))
        {
            if (!kept)
            {
                Fail(path, Shown(shape, start), words);
            }
        }

        if (!holds)
        {
            Fail(path, Shown(shape, start), $"Member must satisfy constraint: [{Every(shape.Member!)}]");
        }

        return true;
    }

    private bool Map(ModelShape shape, string path)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Refuse(_reader.TokenType == JsonTokenType.StartArray ? StartOfList : "Expected null");
        }

        var (start, count, keys, values) = ((int)_reader.TokenStartIndex, 0, true, true);
        var key = model.Shape(shape.Key!);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            count++;
            var name = _reader.GetString()!;
            keys = keys && (!MemberRules.AreAny(key) || MemberRules.OfText(shape.Key!, key, name).All(static r => r.Holds));
            _reader.Read();
            if (!Element(shape.Value!, $"{path}.value", ref values))
            {
                return false;
            }
        }

        foreach (var (words, kept) in MemberRules.OfLength(shape, count))
        {
            if (!kept)
            {
                Fail(path, Shown(shape, start), words);
            }
        }

        if (!values)
        {
            Fail(path, Shown(shape, start), $"Map value must satisfy constraint: [{Every(shape.Value!)}]");
        }

        if (!keys)
        {
            Fail(path, Shown(shape, start), $"Map keys must satisfy constraint: [{Every(shape.Key!)}]");
        }

        return true;
    }

    /// <summary>What a list or a map holds: a scalar out of bounds is told of the whole, a structure by its own path.</summary>
    private bool Element(string name, string path, ref bool holds)
    {
        var shape = model.Shape(name);
        if (_reader.TokenType == JsonTokenType.Null)
        {
            holds = false;
            return true;
        }

        if (shape.Type is "structure" or "list" or "map")
        {
            return Value(name, path);
        }

        var broken = Scalar(name, shape, out _);
        holds = holds && broken is { Count: 0 };
        return broken is not null;
    }

    /// <summary>The bounds that a scalar breaks.</summary>
    /// <returns><see langword="null"/> if it has another type.</returns>
    private List<string>? Scalar(string name, ModelShape shape, out string? text)
    {
        text = null;
        var token = _reader.TokenType;
        if (token is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            Refuse(token == JsonTokenType.StartArray ? StartOfList : StartOfMap);
            return null;
        }

        var fits = shape.Type switch
        {
            "integer" or "long" or "double" => token is JsonTokenType.Number,
            "boolean" => token is JsonTokenType.True or JsonTokenType.False,
            "timestamp" => token is JsonTokenType.Number or JsonTokenType.String,
            _ => token is JsonTokenType.String,
        };
        var number = fits && shape.IsNumber ? _reader.GetDouble() : 0;
        if (!fits || (shape.IsNumber && shape.Type != "double" && Math.Floor(number) != number))
        {
            Refuse(Converted(token, shape.Type));
            return null;
        }

        if (shape.IsNumber)
        {
            text = number.ToString(shape.Type == "double" ? "0.0###############" : "0", CultureInfo.InvariantCulture);
            return Broken(MemberRules.OfNumber(shape, number));
        }

        if (shape.Type != "string" || !MemberRules.AreAny(shape))
        {
            return [];
        }

        text = _reader.GetString()!;
        return Broken(MemberRules.OfText(name, shape, text));
    }

    private static List<string> Broken(IEnumerable<(string Words, bool Holds)> rules) => [.. rules.Where(static r => !r.Holds).Select(static r => r.Words)];

    private static (string Name, ModelMember? Member, int Order) Find(ModelShape shape, string wire)
    {
        var order = 0;
        foreach (var (name, member) in shape.Members!)
        {
            if (member.In is null && (member.Wire ?? name) == wire)
            {
                return (name, member, order);
            }

            order++;
        }

        return (wire, null, 0);
    }

    public static string Converted(JsonTokenType token, string type)
    {
        var found = token switch
        {
            JsonTokenType.Number => "NUMBER_VALUE",
            JsonTokenType.True => "TRUE_VALUE",
            JsonTokenType.False => "FALSE_VALUE",
            _ => "STRING_VALUE",
        };
        return type switch
        {
            "integer" => $"{found} can not be converted to an Integer",
            "long" => $"{found} can not be converted to a Long",
            "double" => $"{found} can not be converted to a Double",
            "boolean" => $"{found} can not be converted to a Boolean",
            "timestamp" => $"{found} can not be converted to milliseconds since epoch",
            "blob" => $"{found} can not be converted to a Blob",
            _ => $"{found} can not be converted to a String",
        };
    }

    /// <summary>Every bound of what a list or map holds, told when any is broken.</summary>
    private readonly string Every(string name)
    {
        var shape = model.Shape(name);
        var rules = shape.IsNumber ? MemberRules.OfNumber(shape, 0) : MemberRules.OfText(name, shape, "");
        return string.Join(", ", rules.Select(static r => r.Words).Append(MemberRules.NotNull));
    }

    private readonly string? Shown(ModelShape shape, int start)
    {
        if (shape.Sensitive)
        {
            return null;
        }

        using var value = JsonDocument.Parse(_body[start..(int)_reader.BytesConsumed].ToArray());
        return Shown(value.RootElement);
    }

    /// <summary>As Java writes its collections.</summary>
    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Shown))}]",
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(static p => $"{p.Name}={Shown(p.Value)}"))}}}",
        JsonValueKind.Null => "null",
        _ => value.ToString(),
    };

    private readonly void Fail(string path, string? value, string words) => failures.Add((_order, MemberRules.Failure(path, value, words)));

    private bool Refuse(string text)
    {
        Unreadable = text;
        return false;
    }
}
