using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The operators of event patterns: from <c>{"prefix": "x"}</c> to whether a value matches.</summary>
internal static class PatternOperators
{
    private const decimal MostNumber = 5_000_000_000;

    /// <summary>What makes an object in a list of alternatives an operator.</summary>
    public static readonly FrozenSet<string> Names =
        FrozenSet.Create(StringComparer.Ordinal, "prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr", "wildcard");

    /// <summary>The one member of an operator's object.</summary>
    public static JsonProperty Single(JsonElement pattern)
    {
        var members = pattern.EnumerateObject();
        return members.Count() == 1 ? members.First() : throw new EventPatternException("Only one key allowed in match expression");
    }

    /// <summary>Reads an operator that looks at a value.</summary>
    public static Predicate<JsonElement> Read(JsonProperty pattern) => pattern.Name switch
    {
        "numeric" => Numeric(pattern.Value),
        "cidr" => Cidr(Text(pattern.Name, pattern.Value)),
        "anything-but" => AnythingBut(pattern.Value),
        "prefix" or "suffix" or "equals-ignore-case" or "wildcard" => OfText(pattern.Name, pattern.Value),
        _ => throw new EventPatternException($"Unrecognized match type {pattern.Name}"),
    };

    /// <summary>Whether a value is another: of the same type, and numbers by their value.</summary>
    public static Predicate<JsonElement> Equal(JsonElement wanted)
    {
        if (wanted.ValueKind == JsonValueKind.Number)
        {
            var number = Number(wanted);
            return value => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var found) && found == number;
        }

        if (wanted.ValueKind == JsonValueKind.String)
        {
            var text = wanted.GetString();
            return value => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
        }

        var kind = wanted.ValueKind;
        return value => value.ValueKind == kind;
    }

    private static Predicate<JsonElement> OfText(string name, JsonElement wanted)
    {
        var (text, comparison) = name is "prefix" or "suffix" && wanted.ValueKind == JsonValueKind.Object && Single(wanted) is { Name: "equals-ignore-case" } inner
            ? (Text(inner.Name, inner.Value), StringComparison.OrdinalIgnoreCase)
            : (Text(name, wanted), StringComparison.Ordinal);
        switch (name)
        {
            case "prefix":
                return value => value.ValueKind == JsonValueKind.String && value.GetString()!.StartsWith(text, comparison);
            case "suffix":
                return value => value.ValueKind == JsonValueKind.String && value.GetString()!.EndsWith(text, comparison);
            case "wildcard":
                var wildcard = WildcardText.Parse(text);
                return value => value.ValueKind == JsonValueKind.String && wildcard.Matches(value.GetString()!);
            default:
                return value => value.ValueKind == JsonValueKind.String && value.GetString()!.Equals(text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static Predicate<JsonElement> AnythingBut(JsonElement unwanted)
    {
        List<Predicate<JsonElement>> any;
        if (unwanted.ValueKind == JsonValueKind.Object)
        {
            var pattern = Single(unwanted);
            if (pattern.Name is not ("prefix" or "suffix" or "equals-ignore-case" or "wildcard"))
            {
                throw new EventPatternException($"Unsupported anything-but pattern: {pattern.Name}");
            }

            any = [.. Elements(pattern.Value).Select(element => OfText(pattern.Name, element))];
        }
        else
        {
            any = [.. Elements(unwanted).Select(static element => element.ValueKind is JsonValueKind.String or JsonValueKind.Number
                ? Equal(element.Clone())
                : throw new EventPatternException("Inside anything-but list, only strings and numbers are supported."))];
        }

        return value => !any.Exists(predicate => predicate(value));
    }

    private static IEnumerable<JsonElement> Elements(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return [value];
        }

        var kinds = value.EnumerateArray().Select(static element => element.ValueKind).Distinct().Count();
        return kinds == 1 ? value.EnumerateArray() : throw new EventPatternException("Inside anything-but list, either all values are number or string, mixed type is not supported");
    }

    private static Predicate<JsonElement> Numeric(JsonElement range)
    {
        if (range.ValueKind != JsonValueKind.Array || range.GetArrayLength() is not (2 or 4))
        {
            throw new EventPatternException("Value of numeric must be an array of an operator and a number, or of two such pairs.");
        }

        var members = range.EnumerateArray().ToArray();
        var comparisons = new List<Predicate<decimal>>();
        for (var i = 0; i < members.Length; i += 2)
        {
            if (members[i + 1].ValueKind != JsonValueKind.Number)
            {
                throw new EventPatternException("Numeric match must contain a number after its operator.");
            }

            var bound = Number(members[i + 1]);
            comparisons.Add((members[i].ValueKind == JsonValueKind.String ? members[i].GetString() : null) switch
            {
                "=" when members.Length == 2 => number => number == bound,
                "<" => number => number < bound,
                "<=" => number => number <= bound,
                ">" => number => number > bound,
                ">=" => number => number >= bound,
                _ => throw new EventPatternException($"Unrecognized numeric range operator: {members[i]}"),
            });
        }

        return value => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && comparisons.TrueForAll(comparison => comparison(number));
    }

    private static Predicate<JsonElement> Cidr(string text)
    {
        if (!text.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(text, out var single))
        {
            return value => value.ValueKind == JsonValueKind.String && IPAddress.TryParse(value.GetString(), out var address) && address.Equals(single);
        }

        return IPNetwork.TryParse(text, out var network)
            ? value => value.ValueKind == JsonValueKind.String && IPAddress.TryParse(value.GetString(), out var address) && network.Contains(address)
            : throw new EventPatternException($"Malformed CIDR, one '/' required: {text}");
    }

    private static decimal Number(JsonElement number) =>
        number.TryGetDecimal(out var value) && Math.Abs(value) <= MostNumber
            ? value
            : throw new EventPatternException(string.Create(CultureInfo.InvariantCulture, $"Value must be between {-MostNumber} and {MostNumber}, inclusive"));

    private static string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new EventPatternException($"{name} match pattern must be a string");
}
