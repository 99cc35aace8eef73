using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Scaling;

/// <summary>
/// Decides when both sides of a warm call look for the other's frame again and again instead of sleeping until it comes. To wake a processor that has halted
/// takes longer than a short call does. Where calls follow one another at once, and there are so few that the other processors have nothing else to do, that is
/// most of their time. Any thread may ask.
/// </summary>
/// <param name="processors">Processors of the machine.</param>
/// <param name="time">The clock.</param>
public sealed class BusyPoll(int processors, TimeProvider time)
{
    /// <summary>For how long either side looks at most. A call and the time before it are short when they fit into it.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMicroseconds(150);

    /// <summary>How long there must have been few calls: those of several callers do not always meet.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(2);

    private long _crowdedAt = time.GetTimestamp();

    /// <summary>Decides for one call.</summary>
    /// <param name="running">Calls that run on this node, this one included: each takes two processors while its sides look.</param>
    /// <param name="memoryMb">Memory of the function: one that has less than a processor would be held up for as long as it looked.</param>
    /// <param name="gap">How long its instance had nothing to do before.</param>
    /// <param name="took">How long the call before took there.</param>
    public bool Pays(int running, int memoryMb, TimeSpan gap, TimeSpan took)
    {
        if (running * 2 > processors)
        {
            Volatile.Write(ref _crowdedAt, time.GetTimestamp());
            return false;
        }

        return memoryMb >= SandboxSpec.ProcessorMemoryMb && gap <= Limit && took <= Limit && time.GetElapsedTime(Volatile.Read(ref _crowdedAt)) >= Calm;
    }
}
