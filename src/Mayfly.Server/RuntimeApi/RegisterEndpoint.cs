using System.Buffers;
using System.Text.Json;
using Mayfly.Server.Extensions;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /extension/register</c>: an extension says what it wants to hear of.</summary>
public static class RegisterEndpoint
{
    internal static async Task HandleAsync(HttpContext context, Instance instance)
    {
        if (context.Request.Headers["Lambda-Extension-Name"].FirstOrDefault() is not { Length: > 0 } name)
        {
            await ExtensionCall.RefuseAsync(context, new("Extension.InvalidExtensionName", "Empty extension name"));
            return;
        }

        var (events, refusal) = ReadEvents(await RuntimeApiAnswer.ReadBodyAsync(context, ExtensionCall.MaxBody));
        Extension? extension = null;
        if (refusal is null)
        {
            (extension, refusal) = instance.Extensions.Set.Register(name, events);
        }

        if (refusal is not null || extension is null)
        {
            await ExtensionCall.RefuseAsync(context, refusal!);
            return;
        }

        context.Response.Headers[ExtensionCall.IdentifierHeader] = extension.Id.ToString();
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Answer(instance, Accepts(context.Request, "accountId")));
    }

    private static bool Accepts(HttpRequest request, string feature) =>
        request.Headers["Lambda-Extension-Accept-Feature"].Any(value => value?.Split(',', StringSplitOptions.TrimEntries).Contains(feature, StringComparer.OrdinalIgnoreCase) == true);

    private static byte[] Answer(Instance instance, bool withAccount)
    {
        var (function, config) = (instance.Revision.Function, instance.Revision.Config);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("functionName", function.Name);
            json.WriteString("functionVersion", instance.Revision.Version);
            json.WriteString("handler", config.Handler);
            if (withAccount)
            {
                json.WriteString("accountId", function.Account);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static (ExtensionEvents Events, ExtensionRefusal? Refusal) ReadEvents(byte[]? body)
    {
        var events = ExtensionEvents.None;
        try
        {
            using var document = JsonDocument.Parse(body ?? []);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return (events, new("InvalidRequestFormat", "The request body is not a JSON object"));
            }

            if (root.TryGetProperty("configurationKeys", out var keys) && keys.ValueKind == JsonValueKind.Array && keys.GetArrayLength() > 0)
            {
                return (events, new("InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead"));
            }

            if (!root.TryGetProperty("events", out var names) || names.ValueKind == JsonValueKind.Null)
            {
                return (events, null);
            }

            if (names.ValueKind != JsonValueKind.Array || names.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
            {
                return (events, new("InvalidRequestFormat", "events is not an array of strings"));
            }

            foreach (var name in names.EnumerateArray())
            {
                switch (name.GetString())
                {
                    case "INVOKE":
                        events |= ExtensionEvents.Invoke;
                        break;
                    case "SHUTDOWN":
                        events |= ExtensionEvents.Shutdown;
                        break;
                    case var other:
                        return (events, new("Extension.InvalidEventType", $"{other}: event does not exist"));
                }
            }

            return (events, null);
        }
        catch (JsonException)
        {
            return (events, new("InvalidRequestFormat", body is null ? "The request body is too long" : "The request body is not JSON"));
        }
    }
}
