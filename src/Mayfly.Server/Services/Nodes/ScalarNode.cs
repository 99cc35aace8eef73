using System.Globalization;

namespace Mayfly.Server.Services.Nodes;

/// <summary>A single value.</summary>
/// <param name="at">Where it stands.</param>
/// <param name="text">As it is printed: a number the way JavaScript prints it, since that is what a deployment to AWS would hold.</param>
/// <param name="type">What it means.</param>
/// <param name="literal">Whether <c>${</c> in it is plain text.</param>
internal sealed class ScalarNode(Position at, string text, ScalarType type, bool literal = false) : Node(at)
{
    /// <summary>The text.</summary>
    public string Text { get; } = text;

    /// <summary>The meaning.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>Whether variables in it were resolved already, or were never meant.</summary>
    public bool Literal { get; } = literal;

    /// <inheritdoc />
    public override long Size => 1;

    /// <inheritdoc />
    public override string Kind => Type switch
    {
        ScalarType.Text => $"\"{(Text.Length > 60 ? Text[..60] + "…" : Text).ReplaceLineEndings(" ")}\"",
        ScalarType.Null => "empty",
        _ => Text,
    };

    /// <summary>The same value elsewhere, with nothing left to resolve.</summary>
    public ScalarNode MovedTo(Position place) => new(place, Text, Type, literal: true);

    /// <summary>Reads a plain scalar as YAML's core schema does.</summary>
    public static ScalarNode Plain(Position at, string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => new(at, "", ScalarType.Null),
        "true" or "True" or "TRUE" => new(at, "true", ScalarType.Boolean),
        "false" or "False" or "FALSE" => new(at, "false", ScalarType.Boolean),
        _ => TryNumber(text, out var number) ? new(at, number, ScalarType.Number) : new(at, text, ScalarType.Text),
    };

    private static bool TryNumber(string text, out string printed)
    {
        printed = text;
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        if (digits.Length == 0 || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.'))
        {
            return false;
        }
        if (digits.Length > 2 && digits[0] == '0' && digits[1] is 'x' or 'o')
        {
            var hex = digits[1] == 'x';
            long value = 0;
            foreach (var digit in digits[2..])
            {
                if (!(hex ? char.IsAsciiHexDigit(digit) : digit is >= '0' and <= '7') || value > long.MaxValue >> 5)
                {
                    return false;
                }
                value = (value * (hex ? 16 : 8)) + Convert.ToInt32(digit.ToString(), 16);
            }
            printed = (text[0] == '-' ? -value : value).ToString(CultureInfo.InvariantCulture);
            return true;
        }
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, Style, CultureInfo.InvariantCulture, out var parsed) || !double.IsFinite(parsed))
        {
            return false;
        }
        if (Math.Abs(parsed) >= 1e15 && !text.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return true;
        }
        printed = Math.Abs(parsed) < 1e15 && Math.Floor(parsed) == parsed
            ? ((long)parsed).ToString(CultureInfo.InvariantCulture)
            : parsed.ToString("R", CultureInfo.InvariantCulture);
        return true;
    }
}
