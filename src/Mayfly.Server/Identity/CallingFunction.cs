using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Identity;

/// <summary>
/// A feature of connections that come through a listener inside a sandbox: whose sandbox it is. Nobody else can reach that
/// listener, so no key is needed.
/// </summary>
/// <param name="Identity">The function.</param>
public sealed record CallingFunction(FunctionIdentity Identity)
{
    /// <summary>The function that a request comes from; <see langword="null"/> where the connection does not tell.</summary>
    public static FunctionIdentity? Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<CallingFunction>()?.Identity;
    }
}
