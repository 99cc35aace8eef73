using System.Globalization;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>What a mapping must hold to, in the service's words. Pure.</summary>
public static class MappingRules
{
    // So much a receive holds; more takes a window to gather.
    private const int SmallBatch = 10;

    /// <summary>Says what is wrong with a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="queue">The queue that it reads; <see langword="null"/> for one of a broker.</param>
    /// <param name="timeoutSeconds">The time limit of the function.</param>
    /// <returns><see langword="null"/> when nothing is.</returns>
    public static string? Refuse(EventSourceMapping mapping, MessageQueue? queue, int timeoutSeconds)
    {
        if (mapping.Filters.Length > EventSourceMapping.MaxFilters)
        {
            return $"The number of filters should be less than or equal to {EventSourceMapping.MaxFilters}.";
        }

        try
        {
            SourceFilter.Parse(mapping.Filters);
        }
        catch (EventPatternException)
        {
            return "Invalid filter pattern definition.";
        }

        if (mapping.IsBroker)
        {
            return mapping.Queue is null ? "Queues is required for MQ event sources: the name of one queue." : null;
        }

        var isFifo = mapping.SourceArn.EndsWith(QueueKey.FifoSuffix, StringComparison.Ordinal);
        return (mapping, queue) switch
        {
            ({ WindowSeconds: > 0 }, _) when isFifo => "Batching window is not supported for FIFO queues",
            ({ BatchSize: > SmallBatch }, _) when isFifo => "Batch size must not exceed 10 for FIFO queues",
            ({ BatchSize: > SmallBatch, WindowSeconds: 0 }, _) => "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            (_, { } read) when read.VisibilitySeconds < timeoutSeconds => string.Create(
                CultureInfo.InvariantCulture, $"Queue visibility timeout: {read.VisibilitySeconds} seconds is less than Function timeout: {timeoutSeconds} seconds"),
            _ => null,
        };
    }
}
