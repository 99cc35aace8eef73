using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>Cross-origin rules of a function URL or an HTTP route, as AWS names them.</summary>
public sealed record CorsRules
{
    /// <summary>Origins that may call; <c>*</c> means any.</summary>
    public ImmutableArray<string> AllowOrigins { get; init; } = [];

    /// <summary>Methods that may be used; <c>*</c> means any.</summary>
    public ImmutableArray<string> AllowMethods { get; init; } = [];

    /// <summary>Request headers that may be sent; <c>*</c> means any.</summary>
    public ImmutableArray<string> AllowHeaders { get; init; } = [];

    /// <summary>Response headers that a page may read.</summary>
    public ImmutableArray<string> ExposeHeaders { get; init; } = [];

    /// <summary>Whether cookies and credentials may be sent.</summary>
    public bool AllowCredentials { get; init; }

    /// <summary>Seconds that a browser may keep the preflight answer; <see langword="null"/> sends no header.</summary>
    public int? MaxAge { get; init; }
}
