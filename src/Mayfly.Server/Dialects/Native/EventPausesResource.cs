using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>events/pauses</c>: the targets whose deliveries are held up, by their ARNs. <c>PUT events/pauses/{function or ARN}</c> holds one up, <c>DELETE</c> lets it go on.</summary>
/// <param name="control">What holds up.</param>
/// <param name="table">What is deployed.</param>
/// <param name="settings">The account, and the region to look in first.</param>
public sealed class EventPausesResource(EventControl control, FunctionTable table, ServerSettings settings) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/events/pauses", ListAsync),
        new("PUT", "/events/pauses/{}", PauseAsync),
        new("DELETE", "/events/pauses/{}", ResumeAsync),
    ];

    private Task ListAsync(HttpContext context, string none) =>
        context.Response.WriteAsJsonAsync([.. control.Paused], NativeJson.Default.StringArray, cancellationToken: context.RequestAborted);

    private async Task PauseAsync(HttpContext context, string name)
    {
        if (EventLane.Of(context, table.Current, settings, name) is not { } lane)
        {
            await EventLane.RefuseAsync(context, name);
            return;
        }

        // A pause of what does not exist is a misspelt one.
        if (FunctionRef.TryParse(lane, "", "", out var function) && !table.Current.Functions.ContainsKey(function.Key))
        {
            await NativeFunctions.NotFoundAsync(context, table.Current, name);
            return;
        }

        await control.PauseAsync(lane, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ResumeAsync(HttpContext context, string name)
    {
        if (EventLane.Of(context, table.Current, settings, name) is not { } lane)
        {
            await EventLane.RefuseAsync(context, name);
        }
        else if (await control.ResumeAsync(lane, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            var paused = control.Paused is { Count: > 0 } lanes ? $"Paused: {string.Join(", ", lanes.Take(20))}." : "Nothing is paused.";
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "NotPaused", $"{lane} is not paused. {paused}");
        }
    }
}
