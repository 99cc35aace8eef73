namespace Mayfly.Server.Resources.Queues;

/// <summary>Which queues may name a queue as their dead-letter queue.</summary>
public enum RedrivePermission
{
    /// <summary>Every one.</summary>
    AllowAll,

    /// <summary>None.</summary>
    DenyAll,

    /// <summary>Those that are listed.</summary>
    ByQueue,
}
