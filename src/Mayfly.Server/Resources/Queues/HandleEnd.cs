namespace Mayfly.Server.Resources.Queues;

/// <summary>What became of what was asked with a receipt handle.</summary>
public enum HandleEnd
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It is no receipt handle of this queue.</summary>
    Invalid,

    /// <summary>FIFO: the message became visible since.</summary>
    Expired,

    /// <summary>The message is gone.</summary>
    Gone,

    /// <summary>The message is not in flight.</summary>
    NotInFlight,

    /// <summary>It would be invisible for more than twelve hours since it was received.</summary>
    TooLong,
}
