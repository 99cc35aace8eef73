using System.Threading.Channels;

namespace Mayfly.Server.Telemetry;

/// <summary>A reader that follows the logs. One that is too slow loses the oldest lines and is told how many.</summary>
internal sealed class FunctionLogsSubscription
{
    private const int Capacity = 4096;

    private readonly FunctionLogsQuery _query;
    private readonly Channel<LogLine> _lines;
    private int _dropped;

    /// <summary>Made before it is added to the writer's list.</summary>
    public FunctionLogsSubscription(FunctionLogsQuery query)
    {
        _query = query;
        _lines = Channel.CreateBounded<LogLine>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>Completed by the writer once the subscription hears every new line: where each file ended then.</summary>
    public TaskCompletionSource<IReadOnlyList<(string Path, long Length)>> Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Hands a line on, if it is wanted. Never waits.</summary>
    public void Offer(LogLine line)
    {
        if (_query.Wants(line))
        {
            _lines.Writer.TryWrite(line);
        }
    }

    /// <summary>No more lines will come.</summary>
    public void Complete() => _lines.Writer.TryComplete();

    /// <summary>New lines as they come.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                yield return line with { Instance = "", Text = $"[mayfly] {dropped} lines were left out here: they came faster than they were read" };
            }

            yield return line;
        }
    }
}
