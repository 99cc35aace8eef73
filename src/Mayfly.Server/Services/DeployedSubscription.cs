using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>Who gets what is published to a topic, in a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedSubscription
{
    /// <summary>The topic's ARN.</summary>
    public required string Topic { get; init; }

    /// <summary>How it is brought there: <c>lambda</c>, <c>sqs</c>, <c>http</c> or <c>https</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The deployed name of the function; empty: see <see cref="Endpoint"/>.</summary>
    public required string Function { get; init; }

    /// <summary>What gets it that is no function of the service: an ARN or a URL.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Its attributes, by the names of the SNS API.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
