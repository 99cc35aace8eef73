namespace Mayfly.Server.Events;

/// <summary>Handles events of a kind of target that is no function. Lies with the resource that it serves.</summary>
public interface IEventTarget
{
    /// <summary>Whether it handles what this ARN names, whether that exists or not. Pure.</summary>
    bool Serves(string arn);

    /// <summary>Makes one attempt. Events come at least once: <see cref="QueuedEvent.RequestId"/> tells a second time.</summary>
    /// <param name="queued">The event.</param>
    /// <param name="stopping">Fired when the server stops: an attempt that ends in cancellation then does not count.</param>
    /// <returns>How it ended. An exception is a bug; the event is tried again.</returns>
    ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping);
}
