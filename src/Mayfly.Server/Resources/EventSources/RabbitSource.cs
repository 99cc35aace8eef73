using System.Globalization;
using System.Threading.Channels;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>A queue of a message broker as a source: one batch at a time, acknowledged as a whole when the function has succeeded, given back when it has not.</summary>
internal sealed class RabbitSource : IMessageSource
{
    // Before the broker itself gives up on a consumer, after half an hour.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    private readonly EventSourceMapping _mapping;
    private readonly Func<Broker?> _broker;
    private readonly TimeProvider _time;
    private readonly SourceFilter _filter;
    private readonly CancellationToken _stopping;
    private RabbitSession? _session;
    private RabbitMessage? _next;
    private TimeSpan _delay = FirstDelay;

    /// <summary>Makes one; it connects when it is asked for messages.</summary>
    /// <param name="mapping">What it reads for.</param>
    /// <param name="broker">Where the broker is now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Ends the wait to call a failing function again.</param>
    public RabbitSource(EventSourceMapping mapping, Func<Broker?> broker, TimeProvider time, CancellationToken stopping) =>
        (_mapping, _broker, _time, _filter, _stopping) = (mapping, broker, time, SourceFilter.Parse(mapping.Filters), stopping);

    /// <inheritdoc />
    public bool IsOrdered => true;

    /// <inheritdoc />
    public int? MostAtOnce => 1;

    private string Queue => _mapping.Queue ?? "";

    /// <inheritdoc />
    public async Task<IReadOnlyList<SourceBatch>> TakeAsync(CancellationToken cancellationToken)
    {
        var (session, host) = await ConnectAsync(cancellationToken);
        var builder = new BatchBuilder(_mapping.BatchSize, RabbitRecordJson.Head(_mapping.SourceArn, Queue, host), RabbitRecordJson.Tail);
        var window = _mapping.WindowSeconds > 0 ? TimeSpan.FromSeconds(_mapping.WindowSeconds) : ShortestWindow;
        CancellationTokenSource? closing = null;
        try
        {
            while (!builder.IsFull)
            {
                _next ??= await ReadAsync(session, closing?.Token ?? CancellationToken.None, cancellationToken);
                if (!await DropAsync(session, _next, host))
                {
                    if (!builder.TryAdd(Message(_next)))
                    {
                        break;
                    }

                    closing ??= new(window, _time);
                }

                _next = null;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The window is over.
        }
        catch (ChannelClosedException)
        {
            // Told below.
        }

        finally
        {
            closing?.Dispose();
        }

        // What came on a channel that is gone is the broker's again, and comes on the next.
        return session.End is { } end ? throw new SourceException($"PROBLEM: The connection to the broker was lost. {end}".TrimEnd()) : [Batch(session, builder)];
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => CloseAsync();

    private static async ValueTask<RabbitMessage> ReadAsync(RabbitSession session, CancellationToken closing, CancellationToken cancellationToken)
    {
        if (session.Reader.TryRead(out var ready))
        {
            return ready;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing, cancellationToken);
        return await session.Reader.ReadAsync(either.Token);
    }

    private async Task<(RabbitSession Session, string VirtualHost)> ConnectAsync(CancellationToken cancellationToken)
    {
        var broker = _broker() ?? throw new SourceException($"PROBLEM: No broker is known as {_mapping.SourceArn}.");
        var host = _mapping.VirtualHost ?? (new Uri(broker.Url).AbsolutePath is { Length: > 1 } path ? Uri.UnescapeDataString(path[1..]) : "/");

        // One batch runs, the next is gathered.
        var prefetch = (ushort)Math.Min(2 * _mapping.BatchSize, ushort.MaxValue);
        if (_session?.End is not null)
        {
            await CloseAsync();
        }

        _session ??= await RabbitSession.OpenAsync(broker.Url, host, Queue, prefetch, cancellationToken);
        return (_session, host);
    }

    private async ValueTask CloseAsync()
    {
        _next = null;
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    /// <returns>Whether the message is not for the function: filtered, which is done with, or too large for an invocation, which the broker may put elsewhere.</returns>
    private async Task<bool> DropAsync(RabbitSession session, RabbitMessage message, string host)
    {
        if (message.Record.Length + RabbitRecordJson.Head(_mapping.SourceArn, Queue, host).Length + RabbitRecordJson.Tail.Length > EventSourceMapping.MaxPayload)
        {
            await session.ReturnAsync(message.Tag, multiple: false, again: false);
            return true;
        }

        if (!_filter.Matches(message.Record, "data", message.Body))
        {
            await session.AcknowledgeAsync(message.Tag, multiple: false);
            return true;
        }

        return false;
    }

    private static SourceMessage Message(RabbitMessage message)
    {
        var tag = message.Tag.ToString(CultureInfo.InvariantCulture);
        return new(tag, tag, message.Record);
    }

    private SourceBatch Batch(RabbitSession session, BatchBuilder builder)
    {
        // What came before it was in batches that have ended: one is under way at a time.
        var last = ulong.Parse(builder.Messages[^1].Handle, CultureInfo.InvariantCulture);
        var begun = _time.GetTimestamp();
        return new()
        {
            Messages = builder.Messages,
            Payload = builder.Payload(),
            IsOver = () => _time.GetElapsedTime(begun) > LongestHold,
            SettleAsync = failed => failed.Count == 0 ? DoneAsync(session, last) : AgainAsync(session, last),

            // The end of the channel gives back what is not acknowledged.
            ReturnAsync = static () => Task.CompletedTask,
        };
    }

    private async Task DoneAsync(RabbitSession session, ulong last)
    {
        await session.AcknowledgeAsync(last, multiple: true);
        _delay = FirstDelay;
    }

    private async Task AgainAsync(RabbitSession session, ulong last)
    {
        await Task.Delay(_delay, _time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
        await session.ReturnAsync(last, multiple: true, again: true);
    }
}
