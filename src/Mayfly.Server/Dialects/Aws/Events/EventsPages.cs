using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>NextToken and Limit of the operations that list.</summary>
internal static class EventsPages
{
    private const int Most = 100;

    /// <summary>Answers with one page.</summary>
    /// <param name="call">The request.</param>
    /// <param name="member">What the list is called.</param>
    /// <param name="items">All items, with the unique key that they are listed by.</param>
    public static JsonObject Answer(JsonCall call, string member, IEnumerable<(string Key, JsonNode Item)> items)
    {
        var after = call.Text("NextToken") is { } token ? Decode(token) : null;
        var most = call.Input.Member("Limit")?.GetInt32() ?? Most;
        var page = items.OrderBy(static item => item.Key, StringComparer.Ordinal).Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0).Take(most + 1).ToList();
        var answer = new JsonObject { [member] = new JsonArray([.. page.Take(most).Select(static item => item.Item)]) };
        if (page.Count > most)
        {
            answer["NextToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(page[most - 1].Key));
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
            throw AwsException.Validation("Parameter NextToken is not valid. Reason: it is not one that this operation returned.");
        }
    }
}
