using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>What a <see cref="ServiceDeployment"/> is told of changes of a bucket's objects.</summary>
public sealed record DeployedNotification
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>The deployed name of the function; empty: see <see cref="Target"/>.</summary>
    public required string Function { get; init; }

    /// <summary>What is told that is no function of the service: the ARN of a function, queue or topic.</summary>
    public string? Target { get; init; }

    /// <summary>Of what: <c>s3:ObjectCreated:*</c>.</summary>
    public required ImmutableArray<string> Events { get; init; }

    /// <summary>What keys begin with.</summary>
    public string? Prefix { get; init; }

    /// <summary>What keys end with.</summary>
    public string? Suffix { get; init; }
}
