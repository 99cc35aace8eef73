namespace Mayfly.Server.Resources.Queues;

/// <summary>How far a <see cref="MoveTask"/> is.</summary>
public enum MoveTaskStatus
{
    /// <summary>It moves messages.</summary>
    Running,

    /// <summary>It moved them all.</summary>
    Completed,

    /// <summary>It was told to stop.</summary>
    Cancelled,

    /// <summary>It could not go on.</summary>
    Failed,
}
