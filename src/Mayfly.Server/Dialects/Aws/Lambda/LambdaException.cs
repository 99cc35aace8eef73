using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>A request that the Lambda API refuses, in its own words.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">The exception's name in the service model.</param>
/// <param name="message">As the service words it.</param>
internal sealed class LambdaException(int status, string type, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Type { get; } = type;

    /// <summary>For throttling: which limit.</summary>
    public string? Reason { get; init; }

    public static LambdaException InvalidParameter(string message) => new(400, "InvalidParameterValueException", message);

    /// <summary>A request out of the model's bounds.</summary>
    /// <param name="failures">The bounds that it breaks.</param>
    public static LambdaException Validation(params IReadOnlyList<string> failures) => Of(new RequestFault(null, failures));

    /// <summary>A request that the model does not allow.</summary>
    public static LambdaException Of(RequestFault fault) => fault.Unreadable is { } text ? Serialization(text) : new(400, "ValidationException", fault.Message);

    /// <summary>A request that cannot be read as the model's types.</summary>
    public static LambdaException Serialization(string message) => new(400, "SerializationException", message);

    /// <summary>A caller that may not do this to a resource.</summary>
    public static LambdaException AccessDenied(string message) => new(403, "AccessDeniedException", message);

    public static LambdaException NotFound(string arn) => new(404, "ResourceNotFoundException", $"Function not found: {arn}");

    public static LambdaException Conflict(string message) => new(409, "ResourceConflictException", message);

    public static LambdaException TooLarge(long limit, string operation) =>
        new(413, "RequestTooLargeException", $"Request must be smaller than {limit} bytes for the {operation} operation");

    public static LambdaException InvalidContent(string message) => new(400, "InvalidRequestContentException", message);

    /// <summary>What this server does not do yet is said, never half done.</summary>
    public static LambdaException NotServed(string what) => new(501, "NotImplementedException", $"{what} is not supported by this server yet.");
}
