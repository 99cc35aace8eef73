using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Pages of queues: up to a thousand, and a token for more only where the request says how many it wants.</summary>
internal static class SqsPages
{
    private const int Most = 1000;

    /// <summary>Answers with one page.</summary>
    /// <param name="call">The request.</param>
    /// <param name="member">What the list is called.</param>
    /// <param name="queues">All of them, by name.</param>
    public static JsonObject Answer(JsonCall call, string member, IEnumerable<MessageQueue> queues)
    {
        var most = call.Input.Number("MaxResults", 1, Most, $"MaxResults must be an integer between 1 and {Most}.");
        var after = call.Text("NextToken") is { Length: > 0 } token ? Decode(token) : null;
        var page = queues.Where(queue => after is null || string.CompareOrdinal(queue.Key.Name, after) > 0).Take((most ?? Most) + 1).ToList();
        var shown = page.Take(most ?? Most).ToList();
        var answer = new JsonObject();
        if (shown.Count > 0)
        {
            answer[member] = new JsonArray([.. shown.Select(queue => (JsonNode)QueueUrls.Of(call, queue.Key))]);
        }

        if (most is not null && page.Count > shown.Count)
        {
            answer["NextToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(shown[^1].Key.Name));
        }

        return answer;
    }

    private static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw SqsErrors.Invalid("Invalid or expired next token.");
        }
    }
}
