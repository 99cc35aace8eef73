using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>The private network that a function joins: VpcConfig of the Lambda API.</summary>
public sealed record VpcSettings
{
    /// <summary>Subnets.</summary>
    public ImmutableArray<string> SubnetIds { get; init; } = [];

    /// <summary>Security groups.</summary>
    public ImmutableArray<string> SecurityGroupIds { get; init; } = [];

    /// <summary>Whether it may use IPv6 where the subnet has both.</summary>
    public bool Ipv6AllowedForDualStack { get; init; }
}
