using Mayfly.Server.Scaling;

namespace Mayfly.Server.Invocation;

/// <summary>What <see cref="ScaleLoop"/> remembers of a pool whose instances take several calls at once.</summary>
internal sealed class PoolScaling
{
    /// <summary>How many ran and waited lately.</summary>
    internal ConcurrencyWindows Windows { get; } = new(ScaleLoop.Period);

    /// <summary>What decides.</summary>
    internal ConcurrencyAutoscaler Autoscaler { get; set; } = ConcurrencyAutoscaler.Initial;
}
