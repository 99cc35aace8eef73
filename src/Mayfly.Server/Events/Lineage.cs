using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>
/// The field of the trace header that counts how often a chain of events has come to each function, or other target:
/// <c>Lineage=&lt;function&gt;:&lt;count&gt;,…</c>. SDKs inside a function send the header on with every call, so a loop shows.
/// </summary>
public static class Lineage
{
    /// <summary>How often a chain may come to one function.</summary>
    public const int Most = 16;

    private const string Field = "Lineage=";

    // A header comes from outside: what is longer than any chain that ends by itself is cut.
    private const int MostFunctions = 32;

    /// <summary>How often the chain has come to a function.</summary>
    public static int CountOf(string traceId, in FunctionKey function) => CountOf(traceId, function.Arn);

    /// <summary>How often the chain has come to a target, by its ARN without qualifier.</summary>
    public static int CountOf(string traceId, string arn) => Read(traceId).FirstOrDefault(Is(HashOf(arn))).Count;

    /// <summary>The header that a function gets which the chain comes to.</summary>
    public static string With(string traceId, in FunctionKey function) => With(traceId, function.Arn);

    /// <summary>The header that a target gets which the chain comes to, by its ARN without qualifier.</summary>
    public static string With(string traceId, string arn)
    {
        var hash = HashOf(arn);
        var entries = Read(traceId);
        var others = entries.Where(entry => entry.Hash != hash).TakeLast(MostFunctions - 1);
        var lineage = string.Join(',', others.Append((hash, entries.FirstOrDefault(Is(hash)).Count + 1)).Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Item1}:{entry.Item2}")));
        return string.Join(';', traceId.Split(';').Where(static field => !field.StartsWith(Field, StringComparison.Ordinal)).Append(Field + lineage));
    }

    /// <summary>The header of a chain that begins anew.</summary>
    public static string Without(string traceId) => string.Join(';', traceId.Split(';').Where(static field => !field.StartsWith(Field, StringComparison.Ordinal)));

    private static Func<(string Hash, int Count), bool> Is(string hash) => entry => entry.Hash == hash;

    private static List<(string Hash, int Count)> Read(string traceId)
    {
        var entries = new List<(string, int)>();
        var field = traceId.Split(';').FirstOrDefault(static field => field.StartsWith(Field, StringComparison.Ordinal));
        foreach (var entry in field?[Field.Length..].Split(',') ?? [])
        {
            if (entry.Split(':') is [var hash, var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count < int.MaxValue)
            {
                entries.Add((hash, count));
            }
        }

        return entries;
    }

    private static string HashOf(string arn) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(arn)).AsSpan(0, 4));
}
