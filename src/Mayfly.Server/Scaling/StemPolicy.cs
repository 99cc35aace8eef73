namespace Mayfly.Server.Scaling;

/// <summary>Decides how many stems of a kind are parked. Pure.</summary>
/// <param name="MemoryBytes">What all parked stems together may take.</param>
/// <param name="Cores">Processors of the machine.</param>
public sealed record StemPolicy(long MemoryBytes, int Cores)
{
    // Private memory of a parked stem, measured: a fork of a zygote, and a program of its own.
    private const long ForkedBytes = 4L << 20;
    private const long StartedBytes = 12L << 20;

    /// <summary>A kind that no start has used for this long keeps its least number only.</summary>
    public static TimeSpan Memory { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Decides for one kind.</summary>
    /// <param name="peak">Most starts within one second of the last <see cref="Memory"/>.</param>
    /// <param name="isForked">Whether they share the memory of a zygote.</param>
    /// <param name="kinds">How many kinds there are.</param>
    public int Decide(int peak, bool isForked, int kinds)
    {
        // One for each processor is always there; a burst finds as many as the last one took.
        var most = (int)Math.Min(MemoryBytes / Math.Max(1, kinds) / (isForked ? ForkedBytes : StartedBytes), isForked ? 64 : 16);
        return Math.Clamp(peak, Math.Min(Cores, most), most);
    }
}
