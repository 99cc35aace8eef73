using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Messages, one by one.</summary>
internal sealed class MessagesResource(QueueRegistry queues, QueueEngine engine, CancellationToken stopping)
{
    private const int MaxVisibility = 43_200;
    private const string VisibilityReason = "VisibilityTimeout must be an integer between 0 and 43200";

    private const int MostAtOnce = 10;

    public async Task<JsonObject?> SendAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        var message = MessageReader.Read(call, call.Input, queue);
        return message.Answer((await Asked(call, queue, engine.SendAsync(queue.Key, [message.Message], call.Aborted)))[0]);
    }

    public async Task<JsonObject?> ReceiveAsync(JsonCall call)
    {
        var (queue, writer) = (QueueUrls.Find(call, queues.Current), new MessageWriter(call));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, stopping);
        try
        {
            var messages = await Asked(call, queue, engine.ReceiveAsync(queue.Key, Request(call), end.Token));
            return messages.Count == 0 ? [] : new() { ["Messages"] = new JsonArray([.. messages.Select(writer.Write)]) };
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            // The server stops, and does not wait for those who wait.
            return [];
        }
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var (queue, handle) = (QueueUrls.Find(call, queues.Current), call.Input.Needed("ReceiptHandle"));
        var ends = await Asked(call, queue, engine.DeleteAsync(queue.Key, [handle], call.Aborted));
        return SqsErrors.Of(ends[0], handle) is { } refusal ? throw refusal : null;
    }

    public async Task<JsonObject?> ChangeVisibilityAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        var (handle, seconds) = Visibility(call.Input);
        var ends = await Asked(call, queue, engine.ChangeVisibilityAsync(queue.Key, [(handle, seconds)], call.Aborted));
        return SqsErrors.Of(ends[0], handle, seconds) is { } refusal ? throw refusal : null;
    }

    /// <summary>The handle that a request names, and for how long its message is to be invisible.</summary>
    public static (string Handle, int Seconds) Visibility(JsonElement json) => (
        json.Needed("ReceiptHandle"),
        json.Number("VisibilityTimeout", 0, MaxVisibility, VisibilityReason) ?? throw SqsErrors.Missing("VisibilityTimeout"));

    /// <summary>What the queues answer; their refusals in the words of SQS.</summary>
    public static async Task<T> Asked<T>(JsonCall call, MessageQueue queue, Task<T> answer)
    {
        try
        {
            return await answer;
        }
        catch (QueueException e)
        {
            throw SqsErrors.Of(call, e.Error, queue);
        }
    }

    private static ReceiveRequest Request(JsonCall call) => new()
    {
        Most = call.Input.Number("MaxNumberOfMessages", 1, MostAtOnce, $"Must be between 1 and {MostAtOnce}, if provided.") ?? 1,
        WaitSeconds = call.Input.Number("WaitTimeSeconds", 0, 20),
        VisibilitySeconds = call.Input.Number("VisibilityTimeout", 0, MaxVisibility, VisibilityReason),
        AttemptId = MessageReader.Id(call.Input, "ReceiveRequestAttemptId"),
    };
}
