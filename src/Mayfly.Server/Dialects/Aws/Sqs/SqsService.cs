using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>The SQS API: which operation is served by what, over JSON and over the query protocol.</summary>
internal static class SqsService
{
    // A message of 1 MiB of which JSON escapes every character, and what goes with it.
    private const int MaxBody = 8 * 1024 * 1024;

    /// <summary>Makes the service.</summary>
    /// <param name="queues">The queues.</param>
    /// <param name="engine">Their messages.</param>
    /// <param name="moves">The tasks that move dead letters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Fires when the server stops: nobody waits for messages then.</param>
    public static JsonService Make(QueueRegistry queues, QueueEngine engine, MoveTasks moves, TimeProvider time, CancellationToken stopping)
    {
        var (queue, tags, permissions) = (new QueuesResource(queues, engine, time), new QueueTagsResource(queues), new QueuePermissionsResource(queues, time));
        var (messages, batches, tasks) = (new MessagesResource(queues, engine, stopping), new BatchesResource(queues, engine), new MoveTasksResource(queues, moves));
        return new("SQS", "AmazonSQS", static () => ServiceModel.Sqs, new Dictionary<string, Func<JsonCall, Task<JsonObject?>>>(StringComparer.Ordinal)
        {
            ["CreateQueue"] = queue.CreateAsync,
            ["DeleteQueue"] = queue.DeleteAsync,
            ["GetQueueUrl"] = queue.GetUrlAsync,
            ["ListQueues"] = queue.ListAsync,
            ["ListDeadLetterSourceQueues"] = queue.ListSourcesAsync,
            ["GetQueueAttributes"] = queue.GetAttributesAsync,
            ["SetQueueAttributes"] = queue.SetAttributesAsync,
            ["PurgeQueue"] = queue.PurgeAsync,
            ["ListQueueTags"] = tags.ListAsync,
            ["TagQueue"] = tags.TagAsync,
            ["UntagQueue"] = tags.UntagAsync,
            ["AddPermission"] = permissions.AddAsync,
            ["RemovePermission"] = permissions.RemoveAsync,
            ["SendMessage"] = messages.SendAsync,
            ["SendMessageBatch"] = batches.SendAsync,
            ["ReceiveMessage"] = messages.ReceiveAsync,
            ["DeleteMessage"] = messages.DeleteAsync,
            ["DeleteMessageBatch"] = batches.DeleteAsync,
            ["ChangeMessageVisibility"] = messages.ChangeVisibilityAsync,
            ["ChangeMessageVisibilityBatch"] = batches.ChangeVisibilityAsync,
            ["StartMessageMoveTask"] = tasks.StartAsync,
            ["ListMessageMoveTasks"] = tasks.ListAsync,
            ["CancelMessageMoveTask"] = tasks.CancelAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal))
        {
            ContentType = "application/x-amz-json-1.0",
            MaxBody = MaxBody,
            HasPaths = true,
            InternalError = "InternalFailure",
        };
    }
}
