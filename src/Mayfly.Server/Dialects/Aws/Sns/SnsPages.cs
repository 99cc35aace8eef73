using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Lists come in pages of 100.</summary>
internal static class SnsPages
{
    private const int Most = 100;

    /// <summary>Answers with one page.</summary>
    /// <param name="call">The request.</param>
    /// <param name="member">What the list is called.</param>
    /// <param name="items">All items, with the unique key that they are listed by.</param>
    public static JsonObject Answer(JsonCall call, string member, IEnumerable<(string Key, JsonNode Item)> items)
    {
        var after = call.Text("NextToken") is { Length: > 0 } token ? Decode(token) : null;
        var page = items.OrderBy(static item => item.Key, StringComparer.Ordinal).Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0).Take(Most + 1).ToList();
        var answer = new JsonObject { [member] = new JsonArray([.. page.Take(Most).Select(static item => item.Item)]) };
        if (page.Count > Most)
        {
            answer["NextToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(page[Most - 1].Key));
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
            throw SnsErrors.Parameter("NextToken");
        }
    }
}
