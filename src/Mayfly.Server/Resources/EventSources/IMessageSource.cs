namespace Mayfly.Server.Resources.EventSources;

/// <summary>Where the messages of a mapping come from. Called by one loop, one call at a time.</summary>
internal interface IMessageSource : IAsyncDisposable
{
    /// <summary>Whether the batches of one <see cref="TakeAsync"/> must run one after the other, and none after one that failed.</summary>
    bool IsOrdered { get; }

    /// <summary>How many batches may be under way at once; <see langword="null"/>: as many as the mapping's concurrency allows.</summary>
    int? MostAtOnce { get; }

    /// <summary>Waits for a message, gathers as long as the mapping says, and returns one batch, or several where one invocation cannot hold what came.</summary>
    /// <param name="cancellationToken">Ends it; what was gathered is given back.</param>
    /// <exception cref="SourceException">There is nothing to read from.</exception>
    Task<IReadOnlyList<SourceBatch>> TakeAsync(CancellationToken cancellationToken);
}
