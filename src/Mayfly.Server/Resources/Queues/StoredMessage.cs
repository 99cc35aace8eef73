namespace Mayfly.Server.Resources.Queues;

/// <summary>A message as its rows hold it.</summary>
/// <param name="Id">The row's number: its place in the order.</param>
/// <param name="Message">The message's own id.</param>
/// <param name="Body">The text.</param>
internal sealed record StoredMessage(long Id, Guid Message, string Body)
{
    /// <summary>When it was sent, in milliseconds since 1970.</summary>
    public required long Sent { get; init; }

    /// <summary>The group of a FIFO queue.</summary>
    public string? Line { get; init; }

    /// <summary>The tenant of a standard one.</summary>
    public string? Tenant { get; init; }

    /// <summary>How often it was received.</summary>
    public int Receives { get; init; }

    /// <summary>When it was received first.</summary>
    public long? First { get; init; }

    /// <summary>What else it has.</summary>
    public required MessageDocument Document { get; init; }
}
