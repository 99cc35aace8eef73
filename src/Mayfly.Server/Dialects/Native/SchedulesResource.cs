using Mayfly.Server.Resources.Schedules;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET schedules</c>: everything that has times, with the next of them; <c>GET schedules/{name}</c>: what is called so, with the next ten.</summary>
/// <param name="schedules">What fires it.</param>
public sealed class SchedulesResource(ScheduleLoop schedules) : INativeResource
{
    private const int Most = 10;

    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/schedules", ListAsync), new("GET", "/schedules/{}", GetAsync)];

    private Task ListAsync(HttpContext context, string none) => AnswerAsync(context, static _ => true, 1);

    private Task GetAsync(HttpContext context, string name) => AnswerAsync(
        context, thing => thing.Name == name || thing.Arn == name || thing.Name.EndsWith("/" + name, StringComparison.Ordinal), Most, name);

    private async Task AnswerAsync(HttpContext context, Func<FiringListing, bool> wanted, int most, string? name = null)
    {
        ScheduleReply[] found = [.. schedules.List(wanted, most).Select(static one => Show(one.Thing, one.Next)).OrderBy(static one => one.Name, StringComparer.Ordinal)];
        if (name is not null && found.Length == 0)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "ScheduleNotFound", $"Nothing with a schedule is called '{name}'.");
            return;
        }

        await context.Response.WriteAsJsonAsync(found, NativeJson.Default.ScheduleReplyArray, cancellationToken: context.RequestAborted);
    }

    private static ScheduleReply Show(FiringListing thing, IReadOnlyList<Occurrence> next)
    {
        var zone = Recurrence.ZoneOf(thing.Zone);
        return new()
        {
            Name = thing.Name,
            Arn = thing.Arn,
            Service = thing.Service,
            Expression = thing.Expression,
            Zone = thing.Zone,
            Enabled = thing.Times is not null,
            Targets = [.. thing.Targets],
            Next = [.. next.Select(one => TimeZoneInfo.ConvertTime(one.Due, zone))],
        };
    }
}
