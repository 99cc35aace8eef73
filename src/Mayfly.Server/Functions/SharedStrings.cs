namespace Mayfly.Server.Functions;

/// <summary>Makes equal strings one object while many functions are loaded: most share runtime, region, role and handler.</summary>
internal sealed class SharedStrings
{
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public string Share(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        _known.Add(text, text);
        return text;
    }
}
