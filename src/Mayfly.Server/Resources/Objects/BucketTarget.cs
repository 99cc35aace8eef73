using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects;

/// <summary>A bucket as the target of an event, as AWS Lambda has it for what a function failed on: each event becomes an object.</summary>
/// <param name="objects">The buckets.</param>
public sealed class BucketTarget(ObjectStore objects) : IEventTarget
{
    private const string Prefix = "arn:aws:s3:::";

    /// <inheritdoc />
    public bool Serves(string arn) => arn.StartsWith(Prefix, StringComparison.Ordinal);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        if (objects.Buckets.Current.Find(queued.Target[Prefix.Length..]) is not { } bucket)
        {
            return TargetResult.Rejected("NoSuchBucket", $"Bucket {queued.Target[Prefix.Length..]} does not exist.");
        }

        try
        {
            await using var body = objects.Writes.Begin(queued.Payload.Length);
            await body.WriteAsync(queued.Payload, CancellationToken.None);
            await objects.Writes.PutAsync(
                new() { Bucket = bucket, Key = KeyOf(queued), Caller = new("lambda.amazonaws.com", "lambda.amazonaws.com", queued.RequestId, queued.TraceId) },
                body,
                CancellationToken.None);
            return TargetResult.Delivered;
        }
        catch (ObjectException e)
        {
            return TargetResult.Rejected(e.Failure.ToString(), e.Message);
        }
    }

    // It follows from the event, so that one that comes twice is one object.
    private static string KeyOf(QueuedEvent queued)
    {
        var time = queued.Accepted.UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture, $"aws/lambda/async/{FunctionOf(queued)}/{time:yyyy'/'MM'/'dd'/'yyyy-MM-dd'T'HH.mm.ss}-{queued.RequestId}");
    }

    private static string FunctionOf(QueuedEvent queued)
    {
        try
        {
            return (string?)JsonNode.Parse(queued.Payload.Span)?["requestContext"]?["functionArn"] is { } arn && FunctionRef.TryParse(arn, "", "", out var function) ? function.Key.Name : "unknown";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "unknown";
        }
    }
}
