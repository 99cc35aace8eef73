using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Partner event sources and global endpoints, of which there are none here: lists are empty, and whichever is named does not exist.</summary>
internal static class PartnersResource
{
    /// <summary>An empty list.</summary>
    public static Func<JsonCall, Task<JsonObject?>> None(string member) => _ => Task.FromResult<JsonObject?>(new() { [member] = new JsonArray() });

    /// <summary>Names what is not there, and so is refused.</summary>
    /// <param name="kind">What it would be.</param>
    /// <param name="member">The member that names it.</param>
    public static Func<JsonCall, Task<JsonObject?>> NotThere(string kind, string member = "Name") =>
        call => throw AwsException.NotFound($"{kind} {call.Required(member)} does not exist.");

    /// <summary>Deleting what is not there is done already.</summary>
    public static Task<JsonObject?> DeleteAsync(JsonCall call) => Task.FromResult<JsonObject?>(null);

    /// <summary>Events of partners: each is refused, as nobody here is one.</summary>
    public static Task<JsonObject?> PutEventsAsync(JsonCall call)
    {
        var refused = call.Input.List("Entries").Select(static _ => new JsonObject
        {
            ["ErrorCode"] = "NotAuthorizedForSourceException",
            ["ErrorMessage"] = "Not authorized for the source.",
        }).ToArray<JsonNode>();
        return Task.FromResult<JsonObject?>(new() { ["FailedEntryCount"] = refused.Length, ["Entries"] = new JsonArray(refused) });
    }
}
