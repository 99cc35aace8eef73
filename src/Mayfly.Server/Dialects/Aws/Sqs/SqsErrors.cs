using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>The refusals of SQS, in its own words.</summary>
internal static class SqsErrors
{
    /// <summary>What is refused because a parameter has a value that it must not have.</summary>
    public static AwsException Invalid(string message) => new("InvalidParameterValue", message);

    public static AwsException Invalid(string value, string parameter, string reason) => Invalid($"Value {value} for parameter {parameter} is invalid. Reason: {reason}");

    public static AwsException Missing(string parameter) => new("MissingParameter", $"The request must contain the parameter {parameter}.");

    public static AwsException UnknownAttribute(string name) => new("InvalidAttributeName", $"Unknown Attribute {name}.");

    /// <summary>An attribute that cannot be set so.</summary>
    public static AwsException Of(QueueAttributeException refusal) => new(
        refusal.Fault switch { QueueAttributeFault.Name => "InvalidAttributeName", QueueAttributeFault.Value => "InvalidAttributeValue", QueueAttributeFault.Content => "InvalidParameterValue" },
        refusal.Message);

    public static AwsException NoQueue(JsonCall call) =>
        new("QueueDoesNotExist", call.IsQuery ? "The specified queue does not exist for this wsdl version." : "The specified queue does not exist.");

    public static AwsException NoResource(string parameter) => new("ResourceNotFoundException", $"The resource that you specified for the {parameter} parameter doesn't exist.", 404);

    /// <summary>A refusal of the queues, as SQS says it.</summary>
    /// <param name="call">The request.</param>
    /// <param name="error">Why.</param>
    /// <param name="queue">The queue.</param>
    public static AwsException Of(JsonCall call, QueueError error, MessageQueue queue) => error switch
    {
        QueueError.NonExistentQueue => NoQueue(call),
        QueueError.OverLimit => new("OverLimit", "The maximum number of in flight messages is reached: 120000.", 403),
        QueueError.PurgeInProgress => new("PurgeQueueInProgress", $"Only one PurgeQueue operation on {queue.Key.Name} is allowed every 60 seconds.", 403),
        QueueError.EmptyBody => Missing("MessageBody"),
        QueueError.InvalidContents => new("InvalidMessageContents", MessageReader.BadCharacters),
        QueueError.TooLong => Invalid($"One or more parameters are invalid. Reason: Message must be shorter than {queue.MaximumMessageSize} bytes."),
        QueueError.MissingGroup => Missing("MessageGroupId"),
        QueueError.MissingDeduplication => Invalid("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
        QueueError.UnwantedDeduplication => Invalid("The request includes MessageDeduplicationId parameter that is not valid for this queue type"),
        QueueError.UnwantedDelay => Invalid("DelaySeconds", "DelaySeconds", "The request include parameter that is not valid for this queue type."),
        QueueError.NotDeadLetterQueue => Invalid("Source queue must be configured as a Dead Letter Queue."),
        QueueError.MoveTaskRunning => Invalid("There is already a task running. Only one active task is allowed for a source queue arn at a given time."),
        QueueError.NoMoveTask => new("ResourceNotFoundException", "Task does not exist.", 404),
    };

    /// <summary>What became of a receipt handle, where it could not be used.</summary>
    /// <returns><see langword="null"/> where it could.</returns>
    public static AwsException? Of(HandleEnd end, string handle, int seconds = 0) => end switch
    {
        HandleEnd.Done => null,
        HandleEnd.Invalid => new("ReceiptHandleIsInvalid", $"The input receipt handle \"{handle}\" is not a valid receipt handle."),
        HandleEnd.Expired => Invalid(handle, "ReceiptHandle", "The receipt handle has expired."),
        HandleEnd.Gone => Invalid(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change."),
        HandleEnd.NotInFlight => new("MessageNotInflight", "The message referred to isn't in flight."),
        HandleEnd.TooLong => Invalid($"{seconds}", "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"),
    };
}
