using Mayfly.Server.Functions;

namespace Mayfly.Server.Triggers.Http;

/// <summary>One HTTP route of a service: method and path that start a function.</summary>
public sealed record HttpRoute
{
    /// <summary>Whether it is a REST API route (<c>http</c>, below <c>/{stage}</c>) or an HTTP API route (<c>httpApi</c>).</summary>
    public required bool Rest { get; init; }

    /// <summary>Upper case, or <c>ANY</c>.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// Begins with a slash; segments are literal, <c>{name}</c>, or at the end <c>{name+}</c>.
    /// <c>$default</c> is the HTTP API's catch-all route.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The deployed name of the function, in the service's account and region.</summary>
    public required string Function { get; init; }

    /// <summary><c>1.0</c> or <c>2.0</c>; REST routes are always <c>1.0</c>.</summary>
    public required string PayloadFormat { get; init; }

    /// <summary>Cross-origin rules; <see langword="null"/> leaves them to the function.</summary>
    public CorsRules? Cors { get; init; }
}
