namespace Mayfly.Server.Services;

/// <summary>Finds what somebody may have meant by a misspelt name.</summary>
public static class NearestName
{
    /// <summary>The known name nearest to a wrong one; <see langword="null"/> when none is near.</summary>
    public static string? Of(string wrong, IEnumerable<string> known)
    {
        string? best = null;
        var bestDistance = Math.Max(1, wrong.Length / 3) + 1;
        foreach (var name in known)
        {
            var distance = Distance(wrong, name, bestDistance);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (name, distance);
            }
        }
        return best;
    }

    /// <summary>A half sentence such as <c>; did you mean "handler"?</c>, or nothing.</summary>
    public static string Hint(string wrong, IEnumerable<string> known, string prefix = "") =>
        Of(wrong, known) is { } name ? $"; did you mean \"{prefix}{name}\"?" : "";

    /// <summary>Levenshtein's distance without regard to case; a swap of neighbours counts one. Anything at or above the limit may be returned as the limit.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) >= limit)
        {
            return limit;
        }
        left = left.ToLowerInvariant();
        right = right.ToLowerInvariant();
        var table = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }
                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    best = Math.Min(best, table[i - 2, j - 2] + 1);
                }
                table[i, j] = best;
            }
        }
        return table[left.Length, right.Length];
    }
}
