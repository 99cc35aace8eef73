using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the <c>cors</c> key of a function URL and of the HTTP API, which look alike.</summary>
internal static class CorsReader
{
    /// <summary>Reads it.</summary>
    /// <param name="owner">What has the key.</param>
    /// <param name="defaultHeaders">Allowed headers unless named.</param>
    /// <param name="defaultMethods">Allowed methods unless named.</param>
    public static CorsRules? Read(Section owner, IEnumerable<string> defaultHeaders, ImmutableArray<string> defaultMethods)
    {
        if (owner.Get("cors") is ScalarNode)
        {
            return owner.Flag("cors") == true ? new() { AllowOrigins = ["*"], AllowHeaders = [.. defaultHeaders], AllowMethods = defaultMethods } : null;
        }
        if (owner.Child("cors") is not { } cors)
        {
            return null;
        }
        cors.Check(KnownKeys.Cors);
        return new()
        {
            AllowOrigins = cors.Texts("allowedOrigins") ?? ["*"],
            AllowHeaders = cors.Texts("allowedHeaders") ?? [.. defaultHeaders],
            AllowMethods = cors.Texts("allowedMethods")?.Select(method => method.ToUpperInvariant()).ToImmutableArray() ?? defaultMethods,
            ExposeHeaders = cors.Texts("exposedResponseHeaders") ?? [],
            AllowCredentials = cors.Flag("allowCredentials") ?? false,
            MaxAge = cors.Integer("maxAge", 0, 86_400, " seconds"),
        };
    }
}
