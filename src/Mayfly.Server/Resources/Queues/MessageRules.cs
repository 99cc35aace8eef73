using System.Text;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What a queue asks of a message. Pure.</summary>
public static class MessageRules
{
    /// <summary>Why a queue would refuse a message; <see langword="null"/>: it takes it.</summary>
    public static QueueError? Check(MessageQueue queue, NewMessage message) =>
        message.Body.Length == 0 ? QueueError.EmptyBody
        : !IsLegal(message.Body) ? QueueError.InvalidContents
        : SizeOf(message) > queue.MaximumMessageSize ? QueueError.TooLong
        : queue.Key.IsFifo ? CheckOrdered(queue, message)
        : message.DeduplicationId is not null ? QueueError.UnwantedDeduplication
        : null;

    /// <summary>The bytes of a message that count: the body and the attributes.</summary>
    public static int SizeOf(NewMessage message)
    {
        var size = Encoding.UTF8.GetByteCount(message.Body);
        foreach (var (name, attribute) in message.Attributes)
        {
            size += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(attribute.DataType) + (attribute.Binary?.Length ?? Encoding.UTF8.GetByteCount(attribute.Text ?? ""));
        }

        return size;
    }

    /// <summary>Whether a text has only characters that messages may have: those of XML 1.0.</summary>
    public static bool IsLegal(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (c is < ' ' and not '\t' and not '\n' and not '\r' or >= '\ud800' and <= '\udfff' or '\ufffe' or '\uffff')
            {
                return false;
            }
        }

        return true;
    }

    private static QueueError? CheckOrdered(MessageQueue queue, NewMessage message) =>
        message.GroupId is null ? QueueError.MissingGroup
        : message.DeduplicationId is null && !queue.ContentBasedDeduplication ? QueueError.MissingDeduplication
        : message.DelaySeconds is > 0 ? QueueError.UnwantedDelay
        : null;
}
