namespace Mayfly.Server.Scaling;

/// <summary>What was seen of a revision: the input of <see cref="ConcurrencyAutoscaler"/>.</summary>
/// <param name="Stable">Average number of calls at once, running and waiting, over the stable window.</param>
/// <param name="Panic">The same over the panic window.</param>
/// <param name="Instances">Instances that are up.</param>
public readonly record struct ConcurrencySignal(double Stable, double Panic, int Instances);
