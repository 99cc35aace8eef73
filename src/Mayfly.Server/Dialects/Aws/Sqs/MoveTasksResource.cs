using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Tasks that move dead letters back.</summary>
internal sealed class MoveTasksResource(QueueRegistry queues, MoveTasks tasks)
{
    private const int MostListed = 10;
    private const int MostPerSecond = 500;

    public async Task<JsonObject?> StartAsync(JsonCall call)
    {
        var source = Find(call, "SourceArn");
        var destination = call.Text("DestinationArn") is { Length: > 0 } ? Find(call, "DestinationArn").Key : (QueueKey?)null;
        var perSecond = call.Input.Number("MaxNumberOfMessagesPerSecond", 1, MostPerSecond, $"MaxNumberOfMessagesPerSecond must be an integer between 1 and {MostPerSecond}.");
        var task = await MessagesResource.Asked(call, source, tasks.StartAsync(source.Key, destination, perSecond, call.Aborted));
        return new() { ["TaskHandle"] = HandleOf(task) };
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var source = Find(call, "SourceArn");
        var most = call.Input.Number("MaxResults", 1, MostListed, $"MaxResults must be an integer between 1 and {MostListed}.") ?? 1;
        return Task.FromResult<JsonObject?>(new() { ["Results"] = new JsonArray([.. tasks.List(source.Key, most).Select(Json)]) });
    }

    public async Task<JsonObject?> CancelAsync(JsonCall call)
    {
        var (id, source) = Parse(call.Input.Needed("TaskHandle"));
        var queue = (QueueKey.TryParse(source, out var key) && IsOwn(call, key) ? queues.Current.Find(key) : null) ?? throw new AwsException("ResourceNotFoundException", "Task does not exist.", 404);
        var task = await MessagesResource.Asked(call, queue, tasks.CancelAsync(id, call.Aborted));
        return new() { ["ApproximateNumberOfMessagesMoved"] = task.Moved };
    }

    private MessageQueue Find(JsonCall call, string member) =>
        !QueueKey.TryParse(call.Input.Needed(member), out var key) ? throw SqsErrors.Invalid($"You must use this format to specify the {member}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>")
        : IsOwn(call, key) && queues.Current.Find(key) is { } queue ? queue
        : throw SqsErrors.NoResource(member);

    private static bool IsOwn(JsonCall call, in QueueKey key) => key.Account == call.Scope.Account && key.Region == call.Scope.Region;

    private static JsonNode Json(MoveTask task)
    {
        var json = new JsonObject();
        json.Set("TaskHandle", task.Status == MoveTaskStatus.Running ? HandleOf(task) : null);
        json["Status"] = task.Status switch { MoveTaskStatus.Running => "RUNNING", MoveTaskStatus.Completed => "COMPLETED", MoveTaskStatus.Cancelled => "CANCELLED", MoveTaskStatus.Failed => "FAILED" };
        json["SourceArn"] = task.Source.Arn;
        json.Set("DestinationArn", task.Destination?.Arn);
        if (task.PerSecond is { } perSecond)
        {
            json["MaxNumberOfMessagesPerSecond"] = perSecond;
        }

        json["ApproximateNumberOfMessagesMoved"] = task.Moved;
        json["ApproximateNumberOfMessagesToMove"] = task.ToMove;
        json.Set("FailureReason", task.FailureReason);
        json["StartedTimestamp"] = task.Started.ToUnixTimeMilliseconds();
        return json;
    }

    private static string HandleOf(MoveTask task) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(new JsonObject { ["taskId"] = task.Id, ["sourceArn"] = task.Source.Arn }.ToJsonString()));

    private static (string Id, string Source) Parse(string handle)
    {
        try
        {
            var json = JsonNode.Parse(Convert.FromBase64String(handle)) as JsonObject;
            return (json?["taskId"]?.ToString() ?? "", json?["sourceArn"]?.ToString() ?? "");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw SqsErrors.Invalid(handle, "TaskHandle", "It is not a task handle.");
        }
    }
}
