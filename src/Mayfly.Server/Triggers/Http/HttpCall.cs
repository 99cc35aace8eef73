using System.Collections.Immutable;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Triggers.Http;

/// <summary>One HTTP request that has found its function: all that the event needs beside the request itself.</summary>
public sealed record HttpCall
{
    /// <summary>Whose manners apply.</summary>
    public required HttpFlavor Flavor { get; init; }

    /// <summary>The function.</summary>
    public required FunctionKey Function { get; init; }

    /// <summary>The alias that the URL belongs to; <see langword="null"/> for none.</summary>
    public string? Qualifier { get; init; }

    /// <summary><c>1.0</c> or <c>2.0</c>.</summary>
    public required string PayloadFormat { get; init; }

    /// <summary>The path after Mayfly's prefix (and after the stage of a REST API), percent-encoded as the client sent it.</summary>
    public required string Path { get; init; }

    /// <summary>What stands in the URL between <c>/_url</c> or <c>/_api</c> and <see cref="Path"/>; empty when the host names the function.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>For example <c>GET /orders/{id}</c>, or <c>$default</c>.</summary>
    public required string RouteKey { get; init; }

    /// <summary>The route's path template.</summary>
    public string Resource { get; init; } = "/";

    /// <summary>Values of the template's parameters, decoded.</summary>
    public ImmutableArray<KeyValuePair<string, string>> PathParameters { get; init; } = [];

    /// <summary>The URL id, or an id made from the service's name.</summary>
    public required string ApiId { get; init; }

    /// <summary>The stage; <c>$default</c> outside REST APIs.</summary>
    public required string Stage { get; init; }

    /// <summary>Cross-origin rules; <see langword="null"/> leaves them to the function.</summary>
    public CorsRules? Cors { get; init; }

    /// <summary>The access key that signed the request, where a URL asks for a signature.</summary>
    public string? AccessKey { get; init; }

    /// <summary>Whether the client gets the answer while the function makes it.</summary>
    public bool Streams { get; init; }

    /// <summary>Names the invocation. A UUID.</summary>
    public required string RequestId { get; init; }

    /// <summary>The X-Ray header, received or made.</summary>
    public required string TraceId { get; init; }

    /// <summary>When the request came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The account id that the event shows.</summary>
    public string EventAccount => Flavor == HttpFlavor.FunctionUrl && AccessKey is null ? "anonymous" : Function.Account;
}
