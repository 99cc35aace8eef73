namespace Mayfly.Server.Resources.Queues;

/// <summary>An attribute cannot be set so.</summary>
/// <param name="fault">What is wrong with it.</param>
/// <param name="attribute">Its name.</param>
/// <param name="message">In the words of SQS.</param>
public sealed class QueueAttributeException(QueueAttributeFault fault, string attribute, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public QueueAttributeFault Fault => fault;

    /// <summary>Its name.</summary>
    public string Attribute => attribute;
}
