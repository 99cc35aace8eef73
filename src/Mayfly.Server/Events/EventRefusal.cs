namespace Mayfly.Server.Events;

/// <summary>Why an event cannot be redriven or cancelled.</summary>
public enum EventRefusal
{
    /// <summary>There is no such event: it may have ended.</summary>
    NotFound,

    /// <summary>It is being delivered.</summary>
    Leased,

    /// <summary>It still waits.</summary>
    NotDead,
}
