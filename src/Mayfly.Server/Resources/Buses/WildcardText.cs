using System.Globalization;
using System.Text;

namespace Mayfly.Server.Resources.Buses;

/// <summary>A text in which <c>*</c> stands for any characters, also none; <c>\*</c> and <c>\\</c> are the characters themselves.</summary>
internal sealed class WildcardText
{
    private readonly List<string> _parts;

    private WildcardText(List<string> parts) => _parts = parts;

    /// <summary>Reads it.</summary>
    public static WildcardText Parse(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                part.Append(++i < text.Length && text[i] is '*' or '\\' ? text[i] : throw new EventPatternException("Invalid escape character at pos " + (i - 1).ToString(CultureInfo.InvariantCulture)));
            }
            else if (text[i] != '*')
            {
                part.Append(text[i]);
            }
            else if (i > 0 && text[i - 1] == '*' && part.Length == 0)
            {
                throw new EventPatternException("Consecutive wildcard characters at pos " + (i - 1).ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                parts.Add(part.ToString());
                part.Clear();
            }
        }

        parts.Add(part.ToString());
        return new(parts);
    }

    /// <summary>Whether a whole text fits. The time it takes grows with the product of the lengths at most.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        if (_parts.Count == 1)
        {
            return text.SequenceEqual(_parts[0]);
        }

        if (!text.StartsWith(_parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        text = text[_parts[0].Length..];
        for (var i = 1; i < _parts.Count - 1; i++)
        {
            var at = text.IndexOf(_parts[i], StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + _parts[i].Length)..];
        }

        return text.EndsWith(_parts[^1], StringComparison.Ordinal);
    }
}
