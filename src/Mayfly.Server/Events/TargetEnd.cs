namespace Mayfly.Server.Events;

/// <summary>How an attempt at a target ended.</summary>
public enum TargetEnd
{
    /// <summary>The target has it.</summary>
    Delivered,

    /// <summary>It may work later.</summary>
    Failed,

    /// <summary>It was not asked: it wants no more for now. That is no attempt.</summary>
    Postponed,

    /// <summary>It will never work.</summary>
    Rejected,
}
