namespace Mayfly.Server.Services.Variables;

/// <summary>Reads <c>.env</c> files as dotenv does: <c>KEY=value</c>, optional <c>export</c>, quotes, comments.</summary>
internal static class EnvFile
{
    /// <summary>The variables of a text; the last of a name wins.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        text = text.ReplaceLineEndings("\n");
        for (var place = 0; place < text.Length;)
        {
            var end = text.IndexOf('\n', place) is >= 0 and var found ? found : text.Length;
            var line = text[place..end].Trim();
            var next = end + 1;
            if (line.StartsWith("export ", StringComparison.Ordinal))
            {
                line = line[7..].TrimStart();
            }
            if (!line.StartsWith('#') && line.IndexOf('=') is > 0 and var equals)
            {
                var value = line[(equals + 1)..].Trim();
                if (value.Length > 0 && value[0] is '"' or '\'' or '`')
                {
                    value = ReadQuoted(text, text.IndexOf('=', place) + 1, ref next) ?? value;
                }
                else if (value.IndexOf('#') is >= 0 and var comment)
                {
                    value = value[..comment].TrimEnd();
                }
                values[line[..equals].Trim()] = value;
            }
            place = next;
        }
        return values;
    }

    /// <summary>Reads a quoted value, which may run over several lines.</summary>
    private static string? ReadQuoted(string text, int place, ref int next)
    {
        while (char.IsWhiteSpace(text[place]))
        {
            place++;
        }
        var quote = text[place];
        var end = text.IndexOf(quote, place + 1);
        if (end < 0)
        {
            return null;
        }
        next = text.IndexOf('\n', end) is >= 0 and var line ? line + 1 : text.Length;
        var value = text[(place + 1)..end];
        return quote == '"' ? value.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal) : value;
    }
}
