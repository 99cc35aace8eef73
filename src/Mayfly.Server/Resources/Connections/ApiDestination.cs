namespace Mayfly.Server.Resources.Connections;

/// <summary>An HTTP endpoint that events are sent to.</summary>
public sealed record ApiDestination
{
    /// <summary>What ARNs of API destinations have before the name.</summary>
    public const string Kind = "api-destination";

    /// <summary>Which.</summary>
    public required ScopedName Name { get; init; }

    /// <summary>Unique.</summary>
    public required string Id { get; init; }

    /// <summary>The ARN.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Arn => Name.Arn(Kind, Id);

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>How requests are authorized.</summary>
    public required string ConnectionArn { get; init; }

    /// <summary>The URL, in which <c>*</c> stands for a value that a target gives.</summary>
    public required string Endpoint { get; init; }

    /// <summary>For example <c>POST</c>.</summary>
    public required string HttpMethod { get; init; }

    /// <summary>Most requests of a second.</summary>
    public required int RateLimit { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModifiedTime { get; init; }
}
