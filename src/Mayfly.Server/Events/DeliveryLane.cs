namespace Mayfly.Server.Events;

/// <summary>What is known in memory about the waiting events of one function. Belongs to the gate of <see cref="Delivery"/>.</summary>
internal sealed class DeliveryLane
{
    /// <summary>The events that are being delivered.</summary>
    public HashSet<long> Leased { get; } = [];

    /// <summary>When the next event is due, in milliseconds since 1970; 0 when that must be looked up.</summary>
    public long NextDue { get; private set; }

    /// <summary>Counts what may have changed the next due time, so that a look that was made before is not believed.</summary>
    public int Changes { get; private set; }

    /// <summary>Something came, went or was put off.</summary>
    public void Change()
    {
        Changes++;
        NextDue = 0;
    }

    /// <summary>Keeps what a look found.</summary>
    /// <param name="due">When the next event is due; <see langword="null"/> when there is none.</param>
    /// <param name="seen">The value of <see cref="Changes"/> before the look.</param>
    public void Learn(long? due, int seen)
    {
        if (seen == Changes)
        {
            NextDue = due ?? long.MaxValue;
        }
    }
}
