using System.Collections.Immutable;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Services;

/// <summary>What there shall be of a service beside its functions.</summary>
/// <param name="Deployment">What was asked for; without anything in it when the service is removed.</param>
/// <param name="Account">The account.</param>
/// <param name="Region">The service's region.</param>
public sealed record ServicePlan(ServiceDeployment Deployment, string Account, string Region)
{
    /// <summary>Whether the service goes, and all that came with it.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>The service's name.</summary>
    public string Service => Deployment.Service;

    /// <summary>The functions that there are after the deployment, by name, with the alias that leads to each.</summary>
    public required ImmutableDictionary<string, string?> Functions { get; init; }

    /// <summary>The ARN of one of the service's functions; <see langword="null"/> when it is not deployed, because its build failed.</summary>
    public string? ArnOf(string function) => Functions.TryGetValue(function, out var alias) ? new FunctionKey(Account, Region, function).Arn + (alias is null ? "" : ":" + alias) : null;

    /// <summary>What starts functions that there are, or no function.</summary>
    /// <param name="parts">What was asked for.</param>
    /// <param name="functionOf">The name of the function that one starts; empty for none.</param>
    public IEnumerable<T> Reachable<T>(IEnumerable<T> parts, Func<T, string> functionOf) => parts.Where(part => functionOf(part) is var name && (name.Length == 0 || Functions.ContainsKey(name)));
}
