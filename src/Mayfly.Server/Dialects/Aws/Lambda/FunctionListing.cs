using System.Text;
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
    /// <param name="most">Most functions on it.</param>
    /// <param name="next">The marker of the next page.</param>
    public ArraySegment<Function> Page(AwsScope scope, string? marker, int most, out string? next)
    {
        var functions = InOrder();
        var start = marker is null ? LowerBound(functions, new(scope.Account, scope.Region, ""), 0) : LowerBound(functions, new(scope.Account, scope.Region, Decode(marker)), 1);
        var end = start;
        while (end < functions.Length && end - start < most && IsIn(functions[end], scope))
        {
            end++;
        }

        next = end > start && end < functions.Length && IsIn(functions[end], scope) ? Encode(functions[end - 1].Key.Name) : null;
        return new(functions, start, end - start);
    }

    /// <summary>All of one account and region.</summary>
    public ArraySegment<Function> All(AwsScope scope) => Page(scope, null, int.MaxValue, out _);

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

    private static string Encode(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(name));

    private static string Decode(string marker)
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
