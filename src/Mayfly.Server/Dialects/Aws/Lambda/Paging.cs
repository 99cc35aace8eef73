using System.Globalization;
using System.Text;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Marker and MaxItems of the operations that list.</summary>
internal static class Paging
{
    /// <summary>Most items of the page that is asked for.</summary>
    /// <param name="call">The request.</param>
    /// <param name="limit">Most that the service gives at once, whatever is asked for.</param>
    public static int Most(LambdaCall call, int limit) =>
        call.Query("MaxItems") is { Length: > 0 } asked ? Math.Min(int.Parse(asked, CultureInfo.InvariantCulture), limit) : limit;

    /// <summary>One page of a short list.</summary>
    /// <param name="call">The request.</param>
    /// <param name="items">All items, in the ordinal order of their keys.</param>
    /// <param name="key">An item's unique key.</param>
    /// <param name="limit">Most items at once.</param>
    /// <param name="next">The marker of the next page; <see langword="null"/> after the last.</param>
    public static IReadOnlyList<T> Page<T>(LambdaCall call, IReadOnlyList<T> items, Func<T, string> key, int limit, out string? next)
    {
        var after = call.Query("Marker") is { Length: > 0 } marker ? Decode(marker) : null;
        var most = Most(call, limit);
        var page = items.Where(item => after is null || string.CompareOrdinal(key(item), after) > 0).Take(most + 1).ToList();
        next = null;
        if (page.Count > most)
        {
            page.RemoveAt(page.Count - 1);
            next = Encode(key(page[^1]));
        }

        return page;
    }

    /// <summary>A marker that says where a page ended.</summary>
    public static string Encode(string key) => Convert.ToBase64String(Encoding.UTF8.GetBytes(key));

    /// <summary>Where the page before ended.</summary>
    public static string Decode(string marker)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(marker));
        }
        catch (FormatException)
        {
            throw LambdaException.InvalidParameter("The Marker is not one that this operation returned.");
        }
    }
}
