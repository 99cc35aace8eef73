using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /runtime/init/error</c>: the runtime cannot initialise.</summary>
public static class InitErrorEndpoint
{
    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel)
    {
        if (channel.Instance.Initialized.IsCompleted)
        {
            await RuntimeApiAnswer.TransitionAsync(context, "Running", "InitError");
            return;
        }

        if (await ErrorEndpoint.TryReadErrorAsync(context) is { } error)
        {
            await RuntimeApiAnswer.AcceptedAsync(context);
            channel.Instance.OnInitError(error);
        }
    }
}
