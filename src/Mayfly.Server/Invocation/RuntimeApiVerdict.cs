namespace Mayfly.Server.Invocation;

/// <summary>Whether an answer over the Runtime API is taken.</summary>
public enum RuntimeApiVerdict
{
    /// <summary>It is.</summary>
    Accepted,

    /// <summary>No invocation of this id runs here.</summary>
    UnknownRequest,

    /// <summary>It was answered before.</summary>
    InvalidTransition,
}
