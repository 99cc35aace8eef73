using System.Globalization;
using System.Text;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Messages on their way into a queue, checked already. Whoever makes them in a transaction of its own calls
/// <see cref="Write"/> in it and <see cref="Publish"/> after the commit.
/// </summary>
public sealed class QueueSend
{
    private readonly MessageQueue _queue;
    private readonly QueueStates _states;
    private readonly long _now;
    private readonly (NewMessage Message, MessageDocument Document, OutgoingMessage Row)[] _messages;
    private readonly List<SentMessage> _sent = [];
    private readonly List<(StoredMessage Message, long Visible)> _written = [];
    private long _generation;

    internal QueueSend(MessageQueue queue, QueueStates states, IReadOnlyList<NewMessage> messages, DateTimeOffset now)
    {
        (_queue, _states, _now) = (queue, states, now.ToUnixTimeMilliseconds());
        _messages = [.. messages.Select(message =>
        {
            var document = DocumentOf(message);
            var visible = queue.Key.IsFifo ? _now : _now + ((message.DelaySeconds ?? queue.DelaySeconds) * 1000L);
            return (message, document, new OutgoingMessage(InvocationId.NewGuid(), _now, visible, Encoding.UTF8.GetBytes(message.Body), MessageStore.Write(document)));
        })];
    }

    /// <summary>What was sent, in order; only after <see cref="Write"/>.</summary>
    public IReadOnlyList<SentMessage> Sent => _sent;

    /// <summary>The place of a message in the order, as clients see it.</summary>
    internal static string SequenceOf(long id) => id.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>Writes the messages: on the writer's thread.</summary>
    /// <exception cref="QueueException">The queue is gone.</exception>
    public void Write(SqlSession session)
    {
        // The transaction may be tried a second time; and only it knows whether the queue was removed or purged just now.
        _sent.Clear();
        _written.Clear();
        _generation = QueueStore.IdOf(session, _queue.Key) ?? throw new QueueException(QueueError.NonExistentQueue, _queue.Key);
        foreach (var (message, document, row) in _messages)
        {
            if (_queue.Key.IsFifo)
            {
                Append(session, message.GroupId!, message, document, row);
            }
            else
            {
                Written(MessageStore.Insert(session, _generation, row, null, message.GroupId), message, document, row);
                _sent.Add(new(row.Id.ToString(), null));
            }
        }
    }

    /// <summary>They are durable: they can be received. From any thread.</summary>
    public void Publish()
    {
        var state = _states.Of(_generation);
        state.Add(_written.Count);
        if (_queue.Key.IsFifo)
        {
            state.Look(_written.Count);
            return;
        }

        foreach (var (message, visible) in _written)
        {
            if (visible <= _now)
            {
                state.Arrive(new(message.Id, message.Tenant, message));
            }
            else
            {
                state.SetDueAt(visible);
            }
        }
    }

    private void Append(SqlSession session, string group, NewMessage message, MessageDocument document, OutgoingMessage row)
    {
        var scope = _queue.DeduplicatePerGroup ? group : "";
        if (DedupWindow.Find(session, _generation, scope, document.DeduplicationId!, _now) is var (before, sequence))
        {
            _sent.Add(new(before.ToString(), SequenceOf(sequence)));
            return;
        }

        var id = MessageStore.Insert(session, _generation, row, group, null);
        LineStore.Append(session, _generation, group, id);
        DedupWindow.Add(session, _generation, scope, document.DeduplicationId!, (row.Id, id), _now);
        Written(id, message, document, row);
        _sent.Add(new(row.Id.ToString(), SequenceOf(id)));
    }

    private void Written(long id, NewMessage message, MessageDocument document, OutgoingMessage row) => _written.Add((
        new(id, row.Id, message.Body)
        {
            Sent = row.Sent,
            Line = _queue.Key.IsFifo ? message.GroupId : null,
            Tenant = _queue.Key.IsFifo ? null : message.GroupId,
            Document = document,
        },
        row.Visible));

    private MessageDocument DocumentOf(NewMessage message) => new()
    {
        Attributes = message.Attributes.Count == 0 ? null : message.Attributes,
        TraceHeader = message.TraceHeader,
        DeduplicationId = _queue.Key.IsFifo ? message.DeduplicationId ?? MessageDigest.DeduplicationIdOf(message.Body) : null,
        SenderId = message.SenderId,
    };
}
