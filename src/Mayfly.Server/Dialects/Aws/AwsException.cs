using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Dialects.Aws;

/// <summary>A request that an AWS API refuses, in the service's own words.</summary>
/// <param name="type">The exception's name in the service's model.</param>
/// <param name="message">As the service words it.</param>
/// <param name="status">The HTTP status where the model names none.</param>
internal sealed class AwsException(string type, string message, int status = 400) : Exception(message)
{
    public string Type { get; } = type;

    public int Status { get; } = status;

    public static AwsException Validation(string message) => new("ValidationException", message);

    /// <summary>A request that the model does not allow.</summary>
    public static AwsException Of(RequestFault fault) => fault.Unreadable is { } text ? new("SerializationException", text) : Validation(fault.Message);

    /// <summary>The refusal that an exception is, or stands for; <see langword="null"/> for a bug.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="internalError">The service's error for a server that cannot do what it should: its disk fails.</param>
    public static AwsException? Of(Exception exception, string internalError) =>
        exception as AwsException ?? (StoreException.Of(exception) is { } store ? new(internalError, store.Message, 500) : null);

    public static AwsException NotFound(string message) => new("ResourceNotFoundException", message);

    public static AwsException Exists(string message) => new("ResourceAlreadyExistsException", message);

    public static AwsException Conflict(string message) => new("ConflictException", message, 409);

    /// <summary>What this server does not do yet is said, never half done.</summary>
    public static AwsException NotServed(string what) => new("NotImplementedException", $"{what} is not supported by this server yet.", 501);
}
