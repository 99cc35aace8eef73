using Mayfly.Server.Sandboxes;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET stems</c>: the sandboxes that are made ahead of calls.</summary>
/// <param name="stock">What sandboxd is asked to keep parked.</param>
public sealed class StemsResource(StemStock stock) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/stems", GetAsync)];

    private Task GetAsync(HttpContext context, string none)
    {
        StemReply[] replies = [.. stock.Counts.OrderBy(static count => count.Name, StringComparer.Ordinal)
            .Select(count => new StemReply(count.Name, count.Parked, stock.WantedOf(count.Name), count.Starting, count.Failure))];
        return context.Response.WriteAsJsonAsync(replies, NativeJson.Default.StemReplyArray);
    }
}
