namespace Mayfly.Server.Triggers.Http;

/// <summary>The AWS front whose manners an HTTP request meets: events, errors and defaults differ between them.</summary>
public enum HttpFlavor
{
    /// <summary>A function's own URL.</summary>
    FunctionUrl,

    /// <summary>An HTTP API route (<c>httpApi</c>).</summary>
    HttpApi,

    /// <summary>A REST API route (<c>http</c>).</summary>
    RestApi,
}
