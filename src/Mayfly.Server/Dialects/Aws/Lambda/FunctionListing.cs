using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Pages through functions in the order of their names. The order is made once a snapshot, so that reading all pages stays linear.</summary>
/// <param name="table">What is deployed.</param>
internal sealed class FunctionListing(FunctionTable table)
{
    private sealed record Sorted(FunctionSnapshot Snapshot, Function[] Functions);

    private volatile Sorted _sorted = new(FunctionSnapshot.Empty, []);

    /// <summary>One page.</summary>
    /// <param name="scope">Account and region.</param>
    /// <param name="marker">Where the last page ended; <see langword="null"/> for the first.</param>
    /// <param name="most">Most entries on it.</param>
    /// <param name="versions">Whether each published version is an entry too.</param>
    /// <param name="next">The marker of the next page.</param>
    public IReadOnlyList<Revision> Page(AwsScope scope, string? marker, int most, bool versions, out string? next)
    {
        var functions = InOrder();
        var (name, shown) = marker is null ? ("", 0) : Read(marker);
        var page = new List<Revision>(Math.Min(most, 64));
        var at = LowerBound(functions, new(scope.Account, scope.Region, name), 0);
        for (; at < functions.Length && IsIn(functions[at], scope); at++)
        {
            var function = functions[at];
            var entries = versions ? function.Revisions : [function.Latest];
            foreach (var revision in function.Key.Name == name ? entries.Skip(shown) : entries)
            {
                if (page.Count == most)
                {
                    var last = page[^1];
                    next = Paging.Encode($"{last.Function.Name}:{Place(functions, last, versions)}");
                    return page;
                }

                page.Add(revision);
            }
        }

        next = null;
        return page;
    }

    /// <summary>All of one account and region.</summary>
    public ArraySegment<Function> All(AwsScope scope)
    {
        var functions = InOrder();
        var start = LowerBound(functions, new(scope.Account, scope.Region, ""), 0);
        var end = start;
        while (end < functions.Length && IsIn(functions[end], scope))
        {
            end++;
        }

        return new(functions, start, end - start);
    }

    // How many entries of a function are done with the one that ended a page.
    private static int Place(Function[] functions, Revision last, bool versions) =>
        versions ? functions[LowerBound(functions, last.Function, 0)].Revisions.TakeWhile(revision => revision != last).Count() + 1 : 1;

    private static (string Name, int Shown) Read(string marker) =>
        Paging.Decode(marker).Split(':') is [var name, var shown] && int.TryParse(shown, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count)
            ? (name, count)
            : throw LambdaException.InvalidParameter("The Marker is not one that this operation returned.");

    private Function[] InOrder()
    {
        var (sorted, snapshot) = (_sorted, table.Current);
        if (!ReferenceEquals(sorted.Snapshot, snapshot))
        {
            var functions = snapshot.Functions.Values.ToArray();
            Array.Sort(functions, static (a, b) => Compare(a.Key, b.Key));
            _sorted = sorted = new(snapshot, functions);
        }

        return sorted.Functions;
    }

    /// <summary>The first place whose key is not before (0) or is after (1) the given one.</summary>
    private static int LowerBound(Function[] functions, FunctionKey key, int after)
    {
        var (low, high) = (0, functions.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Compare(functions[middle].Key, key) < after)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static int Compare(FunctionKey a, FunctionKey b)
    {
        var order = string.CompareOrdinal(a.Account, b.Account);
        order = order != 0 ? order : string.CompareOrdinal(a.Region, b.Region);
        return Math.Sign(order != 0 ? order : string.CompareOrdinal(a.Name, b.Name));
    }

    private static bool IsIn(Function function, AwsScope scope) => function.Key.Account == scope.Account && function.Key.Region == scope.Region;
}
