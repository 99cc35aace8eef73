using Mayfly.Server.Extensions;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /extension/init/error</c> and <c>/extension/exit/error</c>: an extension fails, and the instance with it.</summary>
public static class ExtensionErrorEndpoint
{
    private const string TypeHeader = "Lambda-Extension-Function-Error-Type";

    internal static async Task HandleAsync(HttpContext context, Instance instance, ExtensionState error)
    {
        if (ExtensionCall.TryFind(context, instance, out var extension) is { } unknown)
        {
            await ExtensionCall.RefuseAsync(context, unknown);
            return;
        }

        if (context.Request.Headers[TypeHeader].FirstOrDefault() is not { Length: > 0 } type)
        {
            await ExtensionCall.RefuseAsync(context, new("Extension.MissingHeader", $"{TypeHeader} not found"));
            return;
        }

        if (instance.Extensions.Set.ReportError(extension, error, type) is { } refused)
        {
            await ExtensionCall.RefuseAsync(context, refused);
            return;
        }

        await RuntimeApiAnswer.AcceptedAsync(context);
    }
}
