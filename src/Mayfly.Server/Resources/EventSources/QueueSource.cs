using System.Text;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// A queue as a source. What is received is invisible to all others as long as the queue says; what is not deleted comes back by itself, and ends in the
/// queue's dead-letter queue when it came too often. Of a FIFO queue a batch holds one group, and the queue gives out no more of that group until the batch has ended.
/// </summary>
internal sealed class QueueSource : IMessageSource
{
    // A receive holds no more.
    private const int MostAReceive = 10;

    // As good as forever: the wait costs nothing, and ends with the mapping or the queue.
    private const int IdleSeconds = 3600;

    // Where the queue hides nothing, a batch is still called once.
    private const int DefaultVisibilitySeconds = 30;

    private static readonly IReadOnlyList<ReceivedMessage> Nothing = [];

    private readonly EventSourceMapping _mapping;
    private readonly QueueKey _key;
    private readonly QueueRegistry _registry;
    private readonly QueueEngine _engine;
    private readonly MappingServices _services;
    private readonly SourceFilter _filter;

    /// <summary>Makes one.</summary>
    /// <param name="mapping">What it reads for.</param>
    /// <param name="registry">The queues.</param>
    /// <param name="engine">What is done with messages.</param>
    /// <param name="services">What mappings run on.</param>
    public QueueSource(EventSourceMapping mapping, QueueRegistry registry, QueueEngine engine, MappingServices services)
    {
        (_mapping, _registry, _engine, _services, _filter) = (mapping, registry, engine, services, SourceFilter.Parse(mapping.Filters));
        _key = QueueKey.TryParse(mapping.SourceArn, out var key) ? key : throw new ArgumentException($"{mapping.SourceArn} is not a queue.", nameof(mapping));
    }

    /// <summary>Which messages of a chain that came to the function too often are left where they are, by their trace headers.</summary>
    public Predicate<string> IsLoop { get; init; } = static _ => false;

    /// <inheritdoc />
    public bool IsOrdered => _key.IsFifo;

    /// <inheritdoc />
    public int? MostAtOnce => null;

    /// <inheritdoc />
    public async Task<IReadOnlyList<SourceBatch>> TakeAsync(CancellationToken cancellationToken)
    {
        // 1. The first messages, whenever they come.
        var received = new List<ReceivedMessage>();
        try
        {
            received.AddRange(await ReceiveAsync(_mapping.BatchSize, IdleSeconds, cancellationToken));
        }
        catch (QueueException e)
        {
            throw new SourceException($"PROBLEM: {_key.Arn}: {e.Error}", e);
        }

        if (received.Count == 0)
        {
            return [];
        }

        // 2. Those that come while the window is open, which closes before the first ones come back.
        var visibility = TimeSpan.FromSeconds(_registry.Current.Find(_key) is { VisibilitySeconds: > 0 and var seconds } ? seconds : DefaultVisibilitySeconds);
        var until = _services.Clock.GetUtcNow() + visibility;
        var wanted = await WantedAsync(received);
        if (_mapping.WindowSeconds > 0)
        {
            var window = TimeSpan.FromSeconds(Math.Min(_mapping.WindowSeconds, visibility.TotalSeconds / 2));
            await GatherAsync(wanted, window, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                await ReturnAsync(wanted);
                return [];
            }
        }

        // 3. As many batches as it takes.
        var batches = new List<SourceBatch>();
        for (var rest = wanted; rest.Count > 0;)
        {
            var builder = new BatchBuilder(_mapping.BatchSize, SqsRecordJson.Head, SqsRecordJson.Tail);
            rest = [.. rest.SkipWhile(builder.TryAdd)];
            batches.Add(Batch(builder, until));
        }

        return batches;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int most, int wait, CancellationToken cancellationToken) => _engine.ReceiveAsync(
        _key,
        new() { Most = Math.Min(most, MostAReceive), WaitSeconds = wait, OneGroup = _key.IsFifo, Durable = false },
        cancellationToken);

    private async Task GatherAsync(List<SourceMessage> wanted, TimeSpan window, CancellationToken cancellationToken)
    {
        using var closing = new CancellationTokenSource(window, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, cancellationToken);
        var bytes = wanted.Sum(static message => (long)message.Record.Length);
        while (wanted.Count < _mapping.BatchSize && bytes < EventSourceMapping.MaxPayload)
        {
            var received = Nothing;
            try
            {
                received = await ReceiveAsync(_mapping.BatchSize - wanted.Count, IdleSeconds, either.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or QueueException)
            {
                return;
            }

            var more = await WantedAsync(received);
            bytes += more.Sum(static message => (long)message.Record.Length);
            wanted.AddRange(more);
        }
    }

    /// <summary>The messages that the mapping wants; the others are deleted.</summary>
    private async Task<List<SourceMessage>> WantedAsync(IReadOnlyList<ReceivedMessage> received)
    {
        var wanted = new List<SourceMessage>(received.Count);
        var unwanted = new List<string>();
        foreach (var message in received.Where(message => message.TraceHeader is null || !IsLoop(message.TraceHeader)))
        {
            var record = SqsRecordJson.Write(_key, message);
            if (_filter.IsEmpty || _filter.Matches(record, "body", Encoding.UTF8.GetBytes(message.Body)))
            {
                wanted.Add(new(message.MessageId, message.ReceiptHandle, record, message.TraceHeader));
            }
            else
            {
                unwanted.Add(message.ReceiptHandle);
            }
        }

        if (unwanted.Count > 0)
        {
            await _engine.DeleteAsync(_key, unwanted, CancellationToken.None);
        }

        return wanted;
    }

    private SourceBatch Batch(BatchBuilder builder, DateTimeOffset until) => new()
    {
        Messages = builder.Messages,
        Payload = builder.Payload(),
        IsOver = () => _services.Clock.GetUtcNow() >= until,
        SettleAsync = failed => DeleteAsync([.. builder.Messages.Where(message => !failed.Contains(message.Id)).Select(static message => message.Handle)]),
        ReturnAsync = () => ReturnAsync(builder.Messages),
    };

    private async Task DeleteAsync(IReadOnlyList<string> handles)
    {
        if (handles.Count > 0)
        {
            await _engine.DeleteAsync(_key, handles, CancellationToken.None);
        }
    }

    private async Task ReturnAsync(IReadOnlyList<SourceMessage> messages)
    {
        if (messages.Count > 0)
        {
            await _engine.ChangeVisibilityAsync(_key, [.. messages.Select(static message => (message.Handle, 0))], CancellationToken.None);
        }
    }
}
