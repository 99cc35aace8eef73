using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>What is known in memory about the waiting events of one target. Belongs to the gate of <see cref="DeliveryLanes"/>.</summary>
/// <param name="name">The lane.</param>
/// <param name="widest">Most leases at once.</param>
internal sealed class DeliveryLane(string name, int widest)
{
    /// <summary>As many leases keep a few processors and the disk at work with what ends soon.</summary>
    private const int Narrowest = 12;

    /// <summary>Leases that end at this rate are as many as the machine can do: more of them would only make others wait.</summary>
    private const double FastPerMillisecond = 4;

    private readonly int _widest = widest;

    /// <summary>The lane's name.</summary>
    public string Name => name;

    /// <summary>The function that the lane leads to; <see langword="null"/>: it leads to something else.</summary>
    public FunctionKey? Function { get; } = FunctionRef.TryParse(name, "", "", out var function) ? function.Key : null;

    /// <summary>The events that are being delivered, or that nobody may lease for another reason.</summary>
    public HashSet<long> Leased { get; } = [];

    /// <summary>How many events may be delivered at once: fewer while they end so quickly that others would wait behind them.</summary>
    public int Width { get; private set; } = widest;

    /// <summary>Due events that a look found and that wait for their turn; a few at most. They stay due: only a lease changes them, or a cancel, which the lease finds out.</summary>
    public Queue<long> Found { get; } = new();

    /// <summary>When the next event is due, in milliseconds since 1970; <see langword="null"/> when that must be looked up, or nothing is known to wait.</summary>
    public long? NextDue { get; set; }

    /// <summary>Counts what may have changed the next due time, so that a look that was made before is not believed.</summary>
    public int Changes { get; set; }

    /// <summary>Whether it stands in line for its turn.</summary>
    public bool InLine { get; set; }

    /// <summary>A lease ended.</summary>
    /// <param name="took">How long it lasted.</param>
    public void Adapt(TimeSpan took) => Width = Width > took.TotalMilliseconds * FastPerMillisecond
        ? Math.Max(Math.Min(Narrowest, _widest), Width - 1)
        : Math.Min(_widest, Width + 1);
}
