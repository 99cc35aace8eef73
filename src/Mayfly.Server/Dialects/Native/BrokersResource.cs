using System.Text.Json;
using Mayfly.Server.Resources.EventSources;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>brokers</c>: the message brokers that event source mappings can name. <c>PUT brokers/{name} {"url": "amqp://user:password@host"}</c> makes one known, <c>DELETE</c> forgets it.</summary>
/// <param name="brokers">The brokers.</param>
/// <param name="settings">The account, and the region where none is given with <c>?region=</c>.</param>
public sealed class BrokersResource(BrokerRegistry brokers, ServerSettings settings) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/brokers", ListAsync),
        new("PUT", "/brokers/{}", PutAsync),
        new("DELETE", "/brokers/{}", DeleteAsync),
    ];

    private Task ListAsync(HttpContext context, string none) => context.Response.WriteAsJsonAsync(
        [.. brokers.Current.ByKey.Values.OrderBy(static broker => broker.Arn, StringComparer.Ordinal).Select(Reply)], NativeJson.Default.BrokerReplyArray, cancellationToken: context.RequestAborted);

    private async Task PutAsync(HttpContext context, string name)
    {
        var url = await ReadAsync(context);
        var key = KeyOf(context, name);
        if (!BrokerKey.TryParse(key.ToString(), out var same) || same != key || url is null || !Broker.IsUrl(url))
        {
            await NativeErrors.WriteAsync(
                context, StatusCodes.Status400BadRequest, "BadRequest", $"A broker has a name of at most {BrokerKey.MaxName} letters, digits, hyphens and underscores, and {{\"url\": \"amqp://user:password@host:port\"}}.");
            return;
        }

        Broker? put = null;
        await brokers.ApplyAsync(current => new() { Put = [put = current.Find(key) is { } known ? known with { Url = url } : Broker.Make(key, url)] }, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(Reply(put!), NativeJson.Default.BrokerReply, cancellationToken: context.RequestAborted);
    }

    private async Task DeleteAsync(HttpContext context, string name)
    {
        var key = KeyOf(context, name);
        var found = false;
        await brokers.ApplyAsync(
            current =>
            {
                found = current.Find(key) is not null;
                return new() { Remove = found ? [key] : [] };
            },
            context.RequestAborted);
        if (found)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "NotFound", $"No broker is known as {key}.");
        }
    }

    private static BrokerReply Reply(Broker broker) => new(broker.Key.Name, broker.Arn, broker.ShownUrl, broker.Service);

    private BrokerKey KeyOf(HttpContext context, string name) => new(settings.Account, context.Request.Query["region"] is [{ Length: > 0 } region, ..] ? region : settings.Region, name);

    private static async Task<string?> ReadAsync(HttpContext context)
    {
        try
        {
            return (await context.Request.ReadFromJsonAsync(NativeJson.Default.BrokerSetting, context.RequestAborted))?.Url;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
