namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Who changed an object, and with which request.</summary>
/// <param name="Principal">The access key, or the service that did it.</param>
/// <param name="SourceIp">Where the request came from.</param>
/// <param name="RequestId">The request's id, as its answer shows it.</param>
/// <param name="TraceHeader">The trace that the request belongs to; <see langword="null"/> for none.</param>
public sealed record ObjectCaller(string Principal, string SourceIp, string RequestId, string? TraceHeader)
{
    /// <summary>The service itself, as when objects expire.</summary>
    /// <param name="requestId">An id of what it did.</param>
    public static ObjectCaller Service(string requestId) => new("s3.amazonaws.com", "s3.amazonaws.com", requestId, null);
}
