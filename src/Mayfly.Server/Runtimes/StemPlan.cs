using System.Collections.Immutable;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Runtimes;

/// <summary>The stems that functions of a runtime may be made of on this machine.</summary>
/// <param name="Order">What sandboxd is asked to park, as common to all functions: no network of its own, nothing loaded beyond the common.</param>
/// <param name="Definition">What the runtime says about them.</param>
public sealed record StemPlan(StemOrder Order, StemDefinition Definition)
{
    /// <summary>The same for functions that fit a flavour.</summary>
    /// <param name="flavour">The flavour; <see langword="null"/> for the common stems.</param>
    /// <param name="network">What each reaches over the network.</param>
    public StemOrder Of(StemFlavour? flavour, SandboxNetworkMode network) => Order with
    {
        Name = $"{Order.Name}{(flavour is null ? "" : "+" + flavour.Name)}{(network == SandboxNetworkMode.Host ? "" : $" {network}")}",
        Modules = flavour?.Modules ?? ImmutableArray<string>.Empty,
        Network = network,
    };
}
