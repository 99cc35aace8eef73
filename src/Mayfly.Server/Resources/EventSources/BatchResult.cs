using System.Text.Json;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>Which records of a batch failed, by the function's answer. Pure.</summary>
public static class BatchResult
{
    private static readonly HashSet<string> None = new(StringComparer.Ordinal);

    /// <summary>Reads the answer of a function that reports what failed: <c>{"batchItemFailures":[{"itemIdentifier":"…"}]}</c>.</summary>
    /// <param name="answer">The answer of an invocation that succeeded.</param>
    /// <param name="ids">The ids of the batch.</param>
    /// <returns>The ids that failed. An answer that does not hold to the form, or names what is not in the batch, means that all did.</returns>
    public static IReadOnlySet<string> Failed(ReadOnlyMemory<byte> answer, IReadOnlyCollection<string> ids)
    {
        var all = new HashSet<string>(ids, StringComparer.Ordinal);
        if (answer.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return None;
        }

        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Null => None,
                JsonValueKind.String when root.ValueEquals("") => None,
                JsonValueKind.Object when !root.TryGetProperty("batchItemFailures", out var failures) => None,
                JsonValueKind.Object => Listed(root.GetProperty("batchItemFailures"), all) ?? all,
                _ => all,
            };
        }
        catch (JsonException)
        {
            return all;
        }
    }

    private static HashSet<string>? Listed(JsonElement failures, HashSet<string> all)
    {
        if (failures.ValueKind == JsonValueKind.Null)
        {
            return None;
        }

        if (failures.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var failure in failures.EnumerateArray())
        {
            if (failure.ValueKind != JsonValueKind.Object
                || !failure.TryGetProperty("itemIdentifier", out var id)
                || id.ValueKind != JsonValueKind.String
                || !all.Contains(id.GetString()!))
            {
                return null;
            }

            failed.Add(id.GetString()!);
        }

        return failed;
    }
}
