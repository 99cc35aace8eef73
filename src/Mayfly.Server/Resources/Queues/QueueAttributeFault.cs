namespace Mayfly.Server.Resources.Queues;

/// <summary>What is wrong with an attribute of a queue.</summary>
public enum QueueAttributeFault
{
    /// <summary>There is none of this name, or none that could be set, or the other kind of queue has it.</summary>
    Name,

    /// <summary>It cannot have this value.</summary>
    Value,

    /// <summary>What its value describes cannot be.</summary>
    Content,
}
