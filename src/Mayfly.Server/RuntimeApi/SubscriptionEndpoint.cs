using Mayfly.Server.Extensions;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>PUT /telemetry</c> and its older twin <c>PUT /logs</c>: an extension wants to be told what happens.</summary>
public static class SubscriptionEndpoint
{
    internal static async Task HandleAsync(HttpContext context, Instance instance, TelemetryDialect dialect)
    {
        if (ExtensionCall.TryFind(context, instance, out var extension) is { } unknown)
        {
            await ExtensionCall.RefuseAsync(context, unknown);
            return;
        }

        var invalid = dialect == TelemetryDialect.Logs ? "Logs.ValidationError" : "ValidationError";
        var body = await RuntimeApiAnswer.ReadBodyAsync(context, ExtensionCall.MaxBody) ?? [];
        if (TelemetrySettingsReader.TryRead(dialect, body, out var settings) is { } wrong)
        {
            await RuntimeApiAnswer.ErrorAsync(context, 400, invalid, wrong);
            return;
        }

        if (instance.Extensions.Subscribe(instance, extension, settings!) is { } refusal)
        {
            await RuntimeApiAnswer.ErrorAsync(context, refusal.Type == invalid ? 400 : 403, refusal.Type, refusal.Message);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync("\"OK\""u8.ToArray());
    }
}
