using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>What a deployment did.</summary>
/// <param name="Service">The service as it is now.</param>
/// <param name="Functions">What was done to each function, in the order of the deployment, removed ones last.</param>
public sealed record ServiceChanges(DeployedService Service, ImmutableArray<FunctionChange> Functions);
