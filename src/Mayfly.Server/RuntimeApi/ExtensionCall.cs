using Mayfly.Server.Extensions;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary>What the calls of extensions share.</summary>
internal static class ExtensionCall
{
    /// <summary>Names the extension in each of its calls.</summary>
    internal const string IdentifierHeader = "Lambda-Extension-Identifier";

    /// <summary>Most bytes of a body.</summary>
    internal const int MaxBody = 64 * 1024;

    /// <summary>Finds the extension that calls.</summary>
    internal static ExtensionRefusal? TryFind(HttpContext context, Instance instance, out Extension extension)
    {
        extension = null!;
        if (context.Request.Headers[IdentifierHeader].FirstOrDefault() is not { Length: > 0 } identifier)
        {
            return new("Extension.MissingExtensionIdentifier", $"Missing {IdentifierHeader} header");
        }

        if (!Guid.TryParse(identifier, out var id))
        {
            return new("Extension.InvalidExtensionIdentifier", $"Invalid {IdentifierHeader}");
        }

        if (instance.Extensions.Set.Find(id) is not { } found)
        {
            return new("Extension.UnknownExtensionIdentifier", $"Unknown extension {id}");
        }

        extension = found;
        return null;
    }

    /// <summary>Answers 403.</summary>
    internal static Task RefuseAsync(HttpContext context, ExtensionRefusal refusal) => RuntimeApiAnswer.ErrorAsync(context, 403, refusal.Type, refusal.Message);
}
