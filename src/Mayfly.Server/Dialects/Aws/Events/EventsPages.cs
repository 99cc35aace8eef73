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
    /// <param name="limit">What the member is called that says how many there may be at once.</param>
    public static JsonObject Answer(JsonCall call, string member, IEnumerable<(string Key, JsonNode Item)> items, string limit = "Limit")
    {
        var after = call.Text("NextToken") is { } token ? Decode(token) : null;
        var most = call.Input.Member(limit)?.GetInt32() ?? Most;
        var page = items.OrderBy(static item => item.Key, StringComparer.Ordinal).Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0).Take(most + 1).ToList();
        var answer = new JsonObject { [member] = new JsonArray([.. page.Take(most).Select(static item => item.Item)]) };
        if (page.Count > most)
        {
            answer["NextToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(page[most - 1].Key));
        }

        return answer;
    }

    /// <summary>Refuses a request that names more than one of the filters of archives and replays.</summary>
    public static void OneFilter(JsonCall call, string operation)
    {
        if (new[] { "State", "EventSourceArn", "NamePrefix" }.Count(name => call.Text(name) is not null) > 1)
        {
            throw AwsException.Validation($"At most one filter is allowed for {operation}. Use either : State, EventSourceArn, or NamePrefix.");
        }
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
