using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Decides who is told of a change of an object.</summary>
/// <param name="router">Who gets what comes to the default event bus.</param>
/// <param name="time">The clock.</param>
public sealed class ObjectEventRouter(EventRouter router, TimeProvider time)
{
    // A queue or a topic is another service: what it refuses is tried again as long as with EventBridge.
    private static readonly DeliveryPolicy ToServices = DeliveryPolicy.OfEventBridge();

    /// <summary>Adds what a change makes, to be written in the transaction of the change.</summary>
    /// <param name="settings">The bucket's, as they are in that transaction.</param>
    /// <param name="change">The change.</param>
    /// <param name="made">What is added to.</param>
    public void Route(NotificationSettings settings, ObjectChange change, RoutedEvents made)
    {
        foreach (var rule in settings.Rules)
        {
            if (rule.Matches(change))
            {
                made.Queued.Add(Tell(rule.TargetArn, change, S3Event.Write(change, rule.Id), EventIds.Of("s3", change.Bucket, change.EventName, change.Key, change.Sequencer, rule.Id)));
            }
        }

        if (settings.EventBridge && S3BusEvent.Make(change) is { } @event)
        {
            router.Route(@event, made);
        }
    }

    /// <summary>Adds the tests that new queues and topics of a bucket get.</summary>
    /// <param name="settings">The new settings.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="caller">Who set them.</param>
    /// <param name="made">What is added to.</param>
    public void RouteTests(NotificationSettings settings, string bucket, ObjectCaller caller, RoutedEvents made)
    {
        var now = time.GetUtcNow();
        foreach (var arn in settings.Rules.Select(static rule => rule.TargetArn).Where(static arn => !FunctionRef.TryParse(arn, "", "", out _)).Distinct(StringComparer.Ordinal))
        {
            var change = new ObjectChange { Bucket = bucket, Account = "", Region = "", EventName = "TestEvent", Key = "", Time = now, Caller = caller };
            made.Queued.Add(Tell(arn, change, S3Event.WriteTest(bucket, caller, now), Guid.NewGuid().ToString()));
        }
    }

    private QueuedEvent Tell(string arn, ObjectChange change, byte[] payload, string id)
    {
        var isFunction = FunctionRef.TryParse(arn, change.Account, change.Region, out var function);
        return new()
        {
            Target = isFunction ? function.Arn : arn,
            RequestId = id,
            TraceId = change.Caller.TraceHeader ?? TraceHeader.New(time),
            Accepted = time.GetUtcNow(),
            Policy = isFunction ? null : ToServices,
            Parameters = isFunction ? null : """{"Subject":"Amazon S3 Notification"}""",
            Payload = payload,
        };
    }
}
