namespace Mayfly.Server.Runtimes;

/// <summary>A version of one to three numbers, compared part by part.</summary>
internal readonly record struct RuntimeVersion(int Major, int Minor, int Patch) : IComparable<RuntimeVersion>
{
    /// <summary>Sorts names so that the numbers within them count as numbers.</summary>
    /// <remarks>Not <c>CompareOptions.NumericOrdering</c>: without culture data it compares characters.</remarks>
    public static IComparer<string> NameComparer { get; } = Comparer<string>.Create(CompareNames);

    /// <summary>Reads a version; what is missing or no number counts as 0.</summary>
    public static RuntimeVersion Parse(string text)
    {
        var parts = text.Split('.');
        int Part(int index) => index < parts.Length && int.TryParse(parts[index], out var number) ? number : 0;
        return new(Part(0), Part(1), Part(2));
    }

    /// <summary>How far two versions are apart: itself a version, so that a major step outweighs any minor one.</summary>
    public RuntimeVersion DistanceTo(RuntimeVersion other) =>
        new(Math.Abs(Major - other.Major), Math.Abs(Minor - other.Minor), Math.Abs(Patch - other.Patch));

    /// <inheritdoc/>
    public int CompareTo(RuntimeVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    private static int CompareNames(string? a, string? b)
    {
        a ??= "";
        b ??= "";
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                var (x, y) = (DigitsAt(a, i), DigitsAt(b, j));
                i += x.Length;
                j += y.Length;
                var (left, right) = (x.TrimStart('0'), y.TrimStart('0'));
                var order = left.Length != right.Length ? left.Length - right.Length : string.CompareOrdinal(left, right);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (a[i] != b[j])
            {
                return a[i] - b[j];
            }
            else
            {
                i++;
                j++;
            }
        }

        return a.Length - b.Length;
    }

    private static string DigitsAt(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return text[start..end];
    }
}
