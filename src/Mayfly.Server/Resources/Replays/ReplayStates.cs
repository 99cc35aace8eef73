namespace Mayfly.Server.Resources.Replays;

/// <summary>What replays can be.</summary>
public static class ReplayStates
{
    /// <summary>It has sent nothing yet.</summary>
    public const string Starting = "STARTING";

    /// <summary>It sends.</summary>
    public const string Running = "RUNNING";

    /// <summary>It shall end.</summary>
    public const string Cancelling = "CANCELLING";

    /// <summary>It ended before it had sent everything.</summary>
    public const string Cancelled = "CANCELLED";

    /// <summary>It has sent everything.</summary>
    public const string Completed = "COMPLETED";

    /// <summary>It cannot go on.</summary>
    public const string Failed = "FAILED";

    /// <summary>Whether a replay goes on that is in a state.</summary>
    public static bool Sends(string state) => state is Starting or Running;

    /// <summary>Whether a replay in a state has something left to do.</summary>
    public static bool IsOpen(string state) => state is Starting or Running or Cancelling;
}
