using System.Globalization;
using System.Text.Json;
using System.Xml;
using Mayfly.Server.Resources.Schedules;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>
/// <c>GET clock</c>: the time that schedules and retries go by. <c>POST clock</c> moves it, where the server was started with
/// a clock of its own: <c>{"to": "2026-03-29T02:30:00Z"}</c> or <c>{"by": "PT5M"}</c>. What comes due on the way happens.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ClockResource(TimeProvider time) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/clock", GetAsync), new("POST", "/clock", MoveAsync)];

    private Task GetAsync(HttpContext context, string none) =>
        context.Response.WriteAsJsonAsync(new ClockReply(time.GetUtcNow(), time is VirtualTime), NativeJson.Default.ClockReply, cancellationToken: context.RequestAborted);

    private async Task MoveAsync(HttpContext context, string none)
    {
        if (time is not VirtualTime clock)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status409Conflict, "NoVirtualClock", "The server goes by the machine's clock. One that can be moved needs: mayfly up --clock <time>");
            return;
        }

        var by = await ReadAsync(context, clock.GetUtcNow());
        if (by is not { } step || step < TimeSpan.Zero)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "BadRequest", $"The clock shows {clock.GetUtcNow():O} and goes forward only. Send {{\"to\": \"<time>\"}} or {{\"by\": \"PT5M\"}}.");
            return;
        }

        clock.Advance(step);
        await GetAsync(context, none);
    }

    /// <returns>How far to go; <see langword="null"/> where the request does not say.</returns>
    private static async Task<TimeSpan?> ReadAsync(HttpContext context, DateTimeOffset now)
    {
        try
        {
            var move = await context.Request.ReadFromJsonAsync(NativeJson.Default.ClockMove, context.RequestAborted);
            return move switch
            {
                { To: { } to, By: null } => DateTimeOffset.Parse(to, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - now,
                { To: null, By: { } by } => XmlConvert.ToTimeSpan(by),
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            return null;
        }
    }
}
