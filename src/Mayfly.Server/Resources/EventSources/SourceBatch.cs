namespace Mayfly.Server.Resources.EventSources;

/// <summary>What one invocation is called with, and how its source is told of the end.</summary>
internal sealed class SourceBatch
{
    /// <summary>The messages.</summary>
    public required IReadOnlyList<SourceMessage> Messages { get; init; }

    /// <summary>The event.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Whether the messages are no longer this batch's, because too much time went by: the function must not be called then.</summary>
    public required Func<bool> IsOver { get; init; }

    /// <summary>Tells the source which ids failed; all others are done with. It may take its time, so that a failing function is not called again at once.</summary>
    public required Func<IReadOnlySet<string>, Task> SettleAsync { get; init; }

    /// <summary>Gives all messages back: the function was not called.</summary>
    public required Func<Task> ReturnAsync { get; init; }

    /// <summary>The ids of the messages.</summary>
    public IReadOnlySet<string> Ids => field ??= Messages.Select(static message => message.Id).ToHashSet(StringComparer.Ordinal);
}
