using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>The entries of a batch: the call as a whole is refused for what is wrong with their number and their ids, else each has a result or an error of its own.</summary>
/// <typeparam name="T">What is read of an entry.</typeparam>
internal sealed class Batch<T>
{
    private const int Most = 10;

    private readonly List<(string Id, T? Read, AwsException? Error)> _entries = [];

    /// <summary>Reads the entries of a request.</summary>
    /// <param name="call">The request.</param>
    /// <param name="read">Reads one, by its index, and tells what is wrong with it; what it throws is wrong with this entry alone, unless it is missing.</param>
    public Batch(JsonCall call, Func<JsonElement, int, (T Read, AwsException? Error)> read)
    {
        var entries = call.Input.List("Entries").ToList();
        var kind = $"{call.Operation.Name}RequestEntry";
        if (entries.Count is 0 or > Most)
        {
            throw entries.Count == 0
                ? new AwsException("EmptyBatchRequest", $"There should be at least one {kind} in the request.")
                : new AwsException("TooManyEntriesInBatchRequest", $"Maximum number of entries per request are {Most}. You have sent {entries.Count}.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++)
        {
            var id = entries[i].ValueKind == JsonValueKind.Object ? entries[i].Needed("Id", $"{kind}.{i + 1}.") : throw SqsErrors.Missing($"{kind}.{i + 1}.Id");
            if (!SqsMembers.IsName(id))
            {
                throw new AwsException("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.");
            }

            if (!seen.Add(id))
            {
                throw new AwsException("BatchEntryIdsNotDistinct", $"Id {id} repeated.");
            }
        }

        for (var i = 0; i < entries.Count; i++)
        {
            var id = entries[i].Text("Id")!;
            try
            {
                var (value, error) = read(entries[i], i);
                _entries.Add((id, value, error));
            }
            catch (AwsException e) when (e.Type != "MissingParameter")
            {
                _entries.Add((id, default, e));
            }
        }
    }

    /// <summary>What was read, whatever is wrong with it.</summary>
    public IEnumerable<T> Read => _entries.Select(static entry => entry.Read).OfType<T>();

    /// <summary>Does what is asked for with the entries that are right, all at once, and answers for each.</summary>
    /// <param name="run">Gives what became of each: what it is answered with beside its id, or its error.</param>
    public async Task<JsonObject> AnswerAsync(Func<IReadOnlyList<T>, Task<IEnumerable<(JsonObject Result, AwsException? Error)>>> run)
    {
        var right = _entries.Where(static entry => entry.Error is null).ToList();
        var ends = right.Count == 0 ? [] : (await run([.. right.Select(static entry => entry.Read!)])).ToList();
        var (successful, failed, at) = (new JsonArray(), new JsonArray(), 0);
        foreach (var entry in _entries)
        {
            var (result, error) = entry.Error is null ? ends[at++] : ([], entry.Error);
            if (error is null)
            {
                result["Id"] = entry.Id;
                successful.Add((JsonNode)result);
            }
            else
            {
                failed.Add((JsonNode)Failed(entry.Id, error));
            }
        }

        var answer = new JsonObject();
        foreach (var (name, list) in new[] { ("Successful", successful), ("Failed", failed) })
        {
            if (list.Count > 0)
            {
                answer[name] = list;
            }
        }

        return answer;
    }

    private static JsonObject Failed(string id, AwsException error)
    {
        var shape = ServiceModel.Sqs.Error(error.Type);
        return new() { ["Id"] = id, ["SenderFault"] = (shape?.Status ?? error.Status) < 500, ["Code"] = shape?.Code ?? error.Type, ["Message"] = error.Message };
    }
}
