namespace Mayfly.Server.Resources.Connections;

/// <summary>How requests to API destinations are authorized, and what they all have.</summary>
public sealed record Connection
{
    /// <summary>What ARNs of connections have before the name.</summary>
    public const string Kind = "connection";

    /// <summary>API key, in a header.</summary>
    public const string ApiKey = "API_KEY";

    /// <summary>User and password.</summary>
    public const string Basic = "BASIC";

    /// <summary>A token that is fetched with the client's credentials.</summary>
    public const string OAuth = "OAUTH_CLIENT_CREDENTIALS";

    /// <summary>It is ready.</summary>
    public const string Authorized = "AUTHORIZED";

    /// <summary>Its first token is being fetched.</summary>
    public const string Authorizing = "AUTHORIZING";

    /// <summary>It has no secrets, or no token came.</summary>
    public const string Deauthorized = "DEAUTHORIZED";

    /// <summary>Which.</summary>
    public required ScopedName Name { get; init; }

    /// <summary>Unique.</summary>
    public required string Id { get; init; }

    /// <summary>The ARN.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Arn => Name.Arn(Kind, Id);

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>One of <see cref="ApiKey"/>, <see cref="Basic"/> and <see cref="OAuth"/>.</summary>
    public required string AuthorizationType { get; init; }

    /// <summary>The <c>AuthParameters</c> as they were given, in JSON, secrets among them; <see langword="null"/>: they were taken away.</summary>
    public string? AuthParameters { get; init; }

    /// <summary>One of <see cref="Authorized"/>, <see cref="Authorizing"/> and <see cref="Deauthorized"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is in its state.</summary>
    public string? StateReason { get; init; }

    /// <summary>The key that it is said to be encrypted with.</summary>
    public string? KmsKeyIdentifier { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModifiedTime { get; init; }

    /// <summary>When it was authorized last.</summary>
    public DateTimeOffset? LastAuthorizedTime { get; init; }

    /// <summary>Counts changes of how it is authorized, so that a token of an older form is not believed.</summary>
    public int Revision { get; init; }

    /// <summary>The ARN alone: what has secrets is never printed whole.</summary>
    public override string ToString() => Arn;
}
