using System.Collections.Immutable;
using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What is done with messages: send, receive, delete. From any thread.</summary>
public sealed class QueueEngine
{
    // Whether there is room again is looked up so often, in milliseconds.
    private const long BetweenFull = 1000;

    private static readonly TimeSpan BetweenPurges = TimeSpan.FromMinutes(1);

    private readonly Database _database;
    private readonly QueueRegistry _registry;
    private readonly ReceiptHandles _handles;
    private readonly TimeProvider _time;
    private readonly ReadyReceiver _ready;
    private readonly LineReceiver _lines;
    private readonly ReceiptActions _receipts;

    /// <summary>Reads how many messages there are.</summary>
    /// <param name="database">The store.</param>
    /// <param name="registry">The queues.</param>
    /// <param name="handles">What receipt handles are made with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of receives that could not be written.</param>
    public QueueEngine(Database database, QueueRegistry registry, ReceiptHandles handles, TimeProvider time, ILogger<QueueEngine> log)
    {
        (_database, _registry, _handles, _time) = (database, registry, handles, time);
        States = new(database, registry, Now);
        _ready = new(database, registry, States, log);
        _lines = new(database, States);
        _receipts = new(database, States, handles);
    }

    /// <summary>What is known of the queues in memory.</summary>
    internal QueueStates States { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Sends messages: all of them or none. When this completes they are durable.</summary>
    /// <exception cref="QueueException">The queue is not there, or refuses one of them.</exception>
    public async Task<IReadOnlyList<SentMessage>> SendAsync(QueueKey key, IReadOnlyList<NewMessage> messages, CancellationToken cancellationToken)
    {
        var send = Prepare(key, messages);
        await _database.WriteAsync(send.Write, cancellationToken);
        send.Publish();
        return send.Sent;
    }

    /// <summary>Checks messages and readies them for a transaction of the caller's.</summary>
    /// <exception cref="QueueException">The queue is not there, or refuses one of them.</exception>
    public QueueSend Prepare(in QueueKey key, IReadOnlyList<NewMessage> messages)
    {
        var queue = Find(key);
        foreach (var message in messages)
        {
            if (MessageRules.Check(queue, message) is { } error)
            {
                throw new QueueException(error, key);
            }
        }

        return new(queue, States, messages, _time.GetUtcNow());
    }

    /// <summary>Receives messages, as soon as there are any.</summary>
    /// <param name="key">The queue.</param>
    /// <param name="request">How many, and how.</param>
    /// <param name="cancellationToken">The caller went away: nothing is received any more.</param>
    /// <exception cref="QueueException">The queue is not there, or has too many messages in flight and the receive does not wait.</exception>
    public async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(QueueKey key, ReceiveRequest request, CancellationToken cancellationToken)
    {
        var end = Now + ((request.WaitSeconds ?? Find(key).ReceiveWaitSeconds) * 1000L);
        var signal = new DueSignal(_time);
        (QueueState State, LinkedListNode<DueSignal>? Place)? waiting = null;
        try
        {
            while (true)
            {
                // 1. The queue as it is now: it may have been changed, purged or removed meanwhile.
                cancellationToken.ThrowIfCancellationRequested();
                var queue = Find(key);
                var state = States.Of(queue.Id);
                signal.Look();
                var now = Now;

                // 2. What it has.
                var (taken, isFull) = await TakeAsync(queue, state, request, now, waits: now < end);
                if (taken.Count > 0 || now >= end)
                {
                    waiting = (state, waiting?.State == state ? waiting?.Place : null);
                    return [.. taken.Select(message => Show(queue, message, now))];
                }

                // 3. Whoever waits looks once more before it sleeps: until then nobody would have woken it.
                if (waiting?.State != state)
                {
                    waiting?.State.Leave(waiting?.Place);
                    waiting = (state, state.Wait(signal));
                    continue;
                }

                if (long.Min(end, isFull ? now + BetweenFull : state.Due) is var due && due > now)
                {
                    await signal.WaitAsync(TimeSpan.FromMilliseconds(Math.Min(due - now, DueSignal.LongestSleep.TotalMilliseconds)), cancellationToken);
                }
            }
        }
        finally
        {
            waiting?.State.Leave(waiting?.Place);
        }
    }

    /// <summary>Deletes messages. When this completes that is durable.</summary>
    /// <returns>What became of each.</returns>
    /// <exception cref="QueueException">The queue is not there.</exception>
    public Task<IReadOnlyList<HandleEnd>> DeleteAsync(QueueKey key, IReadOnlyList<string> handles, CancellationToken cancellationToken) =>
        _receipts.DeleteAsync(Find(key), handles, Now, cancellationToken);

    /// <summary>Makes received messages visible at another time: so many seconds from now.</summary>
    /// <returns>What became of each.</returns>
    /// <exception cref="QueueException">The queue is not there.</exception>
    public Task<IReadOnlyList<HandleEnd>> ChangeVisibilityAsync(QueueKey key, IReadOnlyList<(string Handle, int Seconds)> changes, CancellationToken cancellationToken) =>
        _receipts.ChangeAsync(Find(key), changes, Now, cancellationToken);

    /// <summary>Removes all messages, in flight ones too.</summary>
    /// <exception cref="QueueException">The queue is not there, or was purged less than a minute ago.</exception>
    public Task PurgeAsync(QueueKey key, CancellationToken cancellationToken) => _registry.ApplyAsync(
        queues =>
        {
            var queue = queues.Find(key) ?? throw new QueueException(QueueError.NonExistentQueue, key);
            return queue.Purged + BetweenPurges > _time.GetUtcNow() ? throw new QueueException(QueueError.PurgeInProgress, key) : new() { Purge = [key] };
        },
        cancellationToken);

    /// <summary>How many messages there are.</summary>
    /// <exception cref="QueueException">The queue is not there.</exception>
    public QueueCounts Count(in QueueKey key)
    {
        var queue = Find(key);
        var (state, now) = (States.Of(queue.Id), Now);
        var delayed = _database.Read(session =>
            !queue.Key.IsFifo ? MessageStore.CountDelayed(session, queue.Id, now)
            : queue.DelaySeconds > 0 ? LineStore.CountDelayed(session, queue.Id, now - (queue.DelaySeconds * 1000L))
            : 0);
        var inFlight = state.CountInFlight(now);
        return new(Math.Max(0, state.Total - inFlight - delayed), inFlight, delayed);
    }

    private MessageQueue Find(in QueueKey key) => _registry.Current.Find(key) ?? throw new QueueException(QueueError.NonExistentQueue, key);

    // Of a FIFO queue that is full nothing is said to anybody; of a standard one, to those that do not wait.
    private async Task<(IReadOnlyList<StoredMessage> Taken, bool IsFull)> TakeAsync(MessageQueue queue, QueueState state, ReceiveRequest request, long now, bool waits)
    {
        try
        {
            return (await (queue.Key.IsFifo ? _lines.ReceiveAsync(queue, state, request, now) : _ready.ReceiveAsync(queue, state, request, now)), false);
        }
        catch (QueueException e) when (e.Error == QueueError.OverLimit && (waits || queue.Key.IsFifo))
        {
            return ([], true);
        }
    }

    private ReceivedMessage Show(MessageQueue queue, StoredMessage message, long now) => new()
    {
        MessageId = message.Message.ToString(),
        ReceiptHandle = _handles.Make(queue.Key, new(message.Id, message.Receives + 1, now)),
        Body = message.Body,
        Attributes = message.Document.Attributes ?? NewMessage.NoAttributes,
        SenderId = message.Document.SenderId ?? queue.Key.Account,
        Sent = DateTimeOffset.FromUnixTimeMilliseconds(message.Sent),
        FirstReceived = DateTimeOffset.FromUnixTimeMilliseconds(message.First ?? now),
        ReceiveCount = message.Receives + 1,
        GroupId = message.Line ?? message.Tenant,
        SequenceNumber = queue.Key.IsFifo ? QueueSend.SequenceOf(message.Id) : null,
        DeduplicationId = message.Document.DeduplicationId,
        TraceHeader = message.Document.TraceHeader,
        DeadLetterSourceArn = message.Document.DeadLetterSource,
    };
}
