using Mayfly.Server.Events;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET events</c>: the events that ended without anybody to handle them, the newest first; with <c>?state=waiting</c> those that wait.</summary>
/// <param name="list">Lists events, dead ones or not: <c>EventQueue.List</c>.</param>
public sealed class EventsResource(Func<bool, int, IReadOnlyList<EventSummary>> list) : INativeResource
{
    private const int Most = 1000;

    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/events", GetAsync)];

    private Task GetAsync(HttpContext context, string none)
    {
        var state = context.Request.Query["state"].ToString();
        if (state is not ("" or "dead" or "waiting"))
        {
            return NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "BadRequest", $"'{state}' is no state of an event. There is: dead, waiting.");
        }

        EventReply[] events = [.. list(state != "waiting", Most).Select(Show)];
        return context.Response.WriteAsJsonAsync(events, NativeJson.Default.EventReplyArray, cancellationToken: context.RequestAborted);
    }

    private static EventReply Show(EventSummary summary)
    {
        var (queued, due) = summary;
        return new()
        {
            RequestId = queued.RequestId,
            Function = queued.Function.Qualifier is { } qualifier ? $"{queued.Function.Key.Arn}:{qualifier}" : queued.Function.Key.Arn,
            State = queued.Condition is null ? "waiting" : "dead",
            Accepted = queued.Accepted,
            Due = due,
            Attempts = queued.Attempts,
            Condition = queued.Condition,
            Reason = queued.Reason,
        };
    }
}
