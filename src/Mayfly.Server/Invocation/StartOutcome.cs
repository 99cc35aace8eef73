namespace Mayfly.Server.Invocation;

/// <summary>A started instance, or why there is none. Neither: a template that cannot be forked, so that an instance has to be started by itself.</summary>
/// <param name="Instance">Initialised, with its slots reported free.</param>
/// <param name="Failure">Set when there is no instance.</param>
public sealed record StartOutcome(Instance? Instance, LeaseOutcome? Failure);
