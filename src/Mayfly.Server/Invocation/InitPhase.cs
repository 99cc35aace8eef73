namespace Mayfly.Server.Invocation;

/// <summary>When an instance initialises, and how long it may take.</summary>
/// <param name="Name"><see cref="First"/> or <see cref="WithinInvocation"/>, as logs print it.</param>
/// <param name="Limit">After this it is too late.</param>
/// <param name="Type"><see cref="OnDemand"/> or <see cref="Provisioned"/>, as logs and environments have it.</param>
internal readonly record struct InitPhase(string Name, TimeSpan Limit, string Type = InitPhase.OnDemand)
{
    /// <summary>Before the first invocation.</summary>
    internal const string First = "init";

    /// <summary>Again, within the time of the invocation that waits for it.</summary>
    internal const string WithinInvocation = "invoke";

    /// <summary>The instance starts because a caller waits.</summary>
    internal const string OnDemand = "on-demand";

    /// <summary>The instance starts to be forked, or is such a fork.</summary>
    internal const string SnapStart = "snap-start";

    /// <summary>The instance starts to be kept.</summary>
    internal const string Provisioned = "provisioned-concurrency";
}
