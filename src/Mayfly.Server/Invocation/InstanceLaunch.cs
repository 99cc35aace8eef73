using System.Net.Sockets;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>What is known of an instance before its sandbox runs.</summary>
internal sealed record InstanceLaunch
{
    /// <summary>What runs in it.</summary>
    public required Revision Revision { get; init; }

    /// <summary>How.</summary>
    public required LaunchPlan Plan { get; init; }

    /// <summary>The external extensions that it starts.</summary>
    public required IReadOnlyList<string> External { get; init; }

    /// <summary>Whether it has a network of its own.</summary>
    public required bool IsPrivate { get; init; }

    /// <summary>Where its program calls, opened ahead; <see langword="null"/> where the sandbox brings it.</summary>
    public required Socket? Listener { get; init; }

    /// <summary>Where an HTTP server in it listens; 0 for others.</summary>
    public required int Port { get; init; }

    /// <summary>When its start began: a timestamp of the clock.</summary>
    public required long Begun { get; init; }

    /// <summary>When it initialises.</summary>
    public required InitPhase Phase { get; init; }

    /// <summary>Gets every slot that becomes free.</summary>
    public required Action<Slot> OnFree { get; init; }
}
