using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>
/// <c>GET events</c>: the events that ended without anybody to handle them, the newest first; with <c>?state=waiting</c> those that wait.
/// <c>POST events/{id}/redrive</c> lets a dead one begin anew, <c>POST events/redrive</c> all of them, <c>DELETE events/{id}</c> removes one.
/// </summary>
/// <param name="queue">The events.</param>
/// <param name="control">What can be done with them.</param>
/// <param name="table">What is deployed.</param>
/// <param name="settings">The account, and the region to look in first.</param>
/// <param name="time">The clock that events go by.</param>
public sealed class EventsResource(EventQueue queue, EventControl control, FunctionTable table, ServerSettings settings, TimeProvider time) : INativeResource
{
    private const int Most = 1000;

    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/events", ListAsync),
        new("POST", "/events/redrive", RedriveAllAsync),
        new("GET", "/events/{}", GetAsync),
        new("DELETE", "/events/{}", CancelAsync),
        new("POST", "/events/{}/redrive", RedriveAsync),
    ];

    private async Task ListAsync(HttpContext context, string none)
    {
        var state = context.Request.Query["state"].ToString();
        if (state is not ("" or "dead" or "waiting"))
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidState", $"'{state}' is no state of an event. There is: dead, waiting.");
            return;
        }

        var limit = Most;
        if (context.Request.Query["limit"].ToString() is { Length: > 0 } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidLimit", $"limit is a number from 1 to {Most}, not '{text}'.");
            return;
        }

        if (!TryFilter(context, out var lane, out var refused))
        {
            await EventLane.RefuseAsync(context, refused);
            return;
        }

        EventReply[] events = [.. queue.List(state != "waiting", limit, lane).Select(Show)];
        await context.Response.WriteAsJsonAsync(events, NativeJson.Default.EventReplyArray, cancellationToken: context.RequestAborted);
    }

    private Task GetAsync(HttpContext context, string id) =>
        Id(id) is not { } number ? RefuseIdAsync(context, id)
        : queue.Find(number) is not { } found ? RefuseAsync(context, EventRefusal.NotFound, number)
        : context.Response.WriteAsJsonAsync(ShowWhole(found), NativeJson.Default.EventReply, cancellationToken: context.RequestAborted);

    private async Task RedriveAsync(HttpContext context, string id)
    {
        if (Id(id) is not { } number)
        {
            await RefuseIdAsync(context, id);
            return;
        }

        if (await RequestBody.ReadAsync(context, EventQueue.MaxPayload) is not { } payload)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "PayloadTooLarge", $"An event has at most {EventQueue.MaxPayload} bytes.");
            return;
        }

        if (!payload.IsEmpty && queue.Find(number) is { Event.Function: not null } && !JsonPayload.IsJson(payload.Span))
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidPayload", "A function gets JSON, and the body is none.");
            return;
        }

        if (await control.RedriveAsync(number, payload.IsEmpty ? null : payload, context.RequestAborted) is { } refusal)
        {
            await RefuseAsync(context, refusal, number);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RedriveAllAsync(HttpContext context, string none)
    {
        if (!TryFilter(context, out var lane, out var refused))
        {
            await EventLane.RefuseAsync(context, refused);
            return;
        }

        var redriven = await control.RedriveAllAsync(lane, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new(redriven), NativeJson.Default.RedriveReply, cancellationToken: context.RequestAborted);
    }

    private async Task CancelAsync(HttpContext context, string id)
    {
        if (Id(id) is not { } number)
        {
            await RefuseIdAsync(context, id);
        }
        else if (await control.CancelAsync(number, context.RequestAborted) is { } refusal)
        {
            await RefuseAsync(context, refusal, number);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    // Both name a lane; the command line says function.
    private bool TryFilter(HttpContext context, out string? lane, out string refused)
    {
        refused = context.Request.Query["function"].ToString() is { Length: > 0 } function ? function : context.Request.Query["target"].ToString();
        lane = refused.Length == 0 ? null : EventLane.Of(context, table.Current, settings, refused);
        return lane is not null || refused.Length == 0;
    }

    private static long? Id(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static Task RefuseIdAsync(HttpContext context, string text) =>
        NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidEventId", $"'{(text.Length > 50 ? text[..50] + "…" : text)}' is no id of an event: it is a number, as the list shows it.");

    private static Task RefuseAsync(HttpContext context, EventRefusal refusal, long id) => refusal switch
    {
        EventRefusal.NotFound => NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "EventNotFound", $"There is no event {id}; it may have been handled."),
        EventRefusal.Leased => NativeErrors.WriteAsync(context, StatusCodes.Status409Conflict, "EventIsRunning", $"Event {id} is being delivered and cannot be cancelled now."),
        EventRefusal.NotDead => NativeErrors.WriteAsync(context, StatusCodes.Status409Conflict, "EventIsNotDead", $"Event {id} still waits to be delivered; only dead events are redriven."),
    };

    private EventReply ShowWhole(EventSummary summary)
    {
        var payload = summary.Event.Numbered().Payload.Span;
        var isText = Utf8.IsValid(payload);
        return Show(summary) with
        {
            Attributes = summary.Event.Attributes,
            Payload = isText ? Encoding.UTF8.GetString(payload) : null,
            PayloadBase64 = isText ? null : Convert.ToBase64String(payload),
        };
    }

    private EventReply Show(EventSummary summary)
    {
        var (queued, due) = summary;
        return new()
        {
            Id = queued.Id,
            RequestId = queued.RequestId,
            Target = queued.Target,
            State = control.StateOf(queued),
            Accepted = queued.Accepted,
            Due = due,
            Now = time.GetUtcNow(),
            Attempts = queued.Attempts,
            Refusals = queued.Refusals,
            Condition = queued.Condition,
            Reason = queued.Reason ?? queued.LastError,
        };
    }
}
