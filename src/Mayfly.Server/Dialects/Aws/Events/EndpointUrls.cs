using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Identity;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>URLs that requests name, and that the server will ask.</summary>
internal static class EndpointUrls
{
    /// <summary>Refuses what is no URL of HTTP, and who would reach past their walls. Plain HTTP is allowed, as it is a server for one's own machines.</summary>
    /// <param name="call">The request.</param>
    /// <param name="member">The member that names the URL.</param>
    /// <param name="text">The URL; <c>*</c> stands for anything.</param>
    public static void Check(JsonCall call, string member, string text)
    {
        // A function with a network of its own must not have the server ask what it cannot.
        if (CallingFunction.Of(call.Http) is not null)
        {
            throw new AwsException("AccessDeniedException", "Functions with a network of their own cannot name endpoints for this server to ask.");
        }

        if (!Uri.TryCreate(text.Replace('*', 'x'), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw AwsException.Validation($"Parameter {member} is not valid. Reason: {text} is not a URL that begins with https:// or http://.");
        }
    }
}
