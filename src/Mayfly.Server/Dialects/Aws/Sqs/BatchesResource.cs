using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Messages, up to ten at once: each entry has a result or an error of its own.</summary>
internal sealed class BatchesResource(QueueRegistry queues, QueueEngine engine)
{
    public async Task<JsonObject?> SendAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        var batch = new Batch<SqsMessage>(call, (entry, index) =>
        {
            var message = MessageReader.Read(call, entry, queue, $"{call.Operation.Name}RequestEntry.{index + 1}.");
            return MessageRules.Check(queue, message.Message) is not { } error ? (message, null)

                // What a queue asks of all its messages is asked of the whole call.
                : error is QueueError.MissingGroup or QueueError.MissingDeduplication ? throw SqsErrors.Of(call, error, queue)
                : (message, SqsErrors.Of(call, error, queue));
        });
        var size = batch.Read.Sum(static message => (long)MessageRules.SizeOf(message.Message));
        if (size > MessageQueue.MostMessageBytes)
        {
            throw new AwsException("BatchRequestTooLong", $"Batch requests cannot be longer than {MessageQueue.MostMessageBytes} bytes. You have sent {size} bytes.");
        }

        return await batch.AnswerAsync(async messages =>
        {
            var sent = await MessagesResource.Asked(call, queue, engine.SendAsync(queue.Key, [.. messages.Select(static message => message.Message)], call.Aborted));
            return sent.Zip(messages, static (one, message) => (message.Answer(one), (AwsException?)null));
        });
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        return await new Batch<string>(call, static (entry, _) => (entry.Needed("ReceiptHandle"), null)).AnswerAsync(async handles =>
        {
            var ends = await MessagesResource.Asked(call, queue, engine.DeleteAsync(queue.Key, handles, call.Aborted));
            return ends.Zip(handles, static (end, handle) => (new JsonObject(), SqsErrors.Of(end, handle)));
        });
    }

    public async Task<JsonObject?> ChangeVisibilityAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        return await new Batch<(string Handle, int Seconds)>(call, static (entry, _) => (MessagesResource.Visibility(entry), null)).AnswerAsync(async changes =>
        {
            var ends = await MessagesResource.Asked(call, queue, engine.ChangeVisibilityAsync(queue.Key, changes, call.Aborted));
            return ends.Zip(changes, static (end, change) => (new JsonObject(), SqsErrors.Of(end, change.Handle, change.Seconds)));
        });
    }
}
