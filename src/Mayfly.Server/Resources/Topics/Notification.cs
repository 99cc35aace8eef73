using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Resources.Topics;

/// <summary>One text of a message, as subscriptions get it. The signature is made when something shows it, and once.</summary>
internal sealed class Notification
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Topic _topic;
    private readonly TopicMessage _message;
    private readonly string _text;
    private readonly string _time;
    private readonly SigningKey? _key;
    private readonly NotificationUrls _urls;
    private string? _signature;

    /// <summary>Makes it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="message">The message.</param>
    /// <param name="text">Its text for some protocol.</param>
    /// <param name="at">When it was published.</param>
    /// <param name="key">What signs it; <see langword="null"/>: nothing does, as with topics that keep order.</param>
    /// <param name="urls">The URLs in it.</param>
    public Notification(Topic topic, TopicMessage message, string text, DateTimeOffset at, SigningKey? key, NotificationUrls urls) =>
        (_topic, _message, _text, _time, _key, _urls) = (topic, message, text, Time(at), key, urls);

    /// <summary>The number of the message in a topic that keeps order.</summary>
    public long? Sequence { get; init; }

    /// <summary>The text itself.</summary>
    public ReadOnlyMemory<byte> Raw => Encoding.UTF8.GetBytes(_text);

    /// <summary>A moment as notifications have it.</summary>
    public static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A sequence number as messages have it.</summary>
    public static string Number(long sequence) => sequence.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>The text that a signature signs: each name and value on a line of its own.</summary>
    public static string Signed(params IEnumerable<(string Name, string? Value)> fields) =>
        string.Concat(fields.Where(static field => field.Value is not null).Select(static field => $"{field.Name}\n{field.Value}\n"));

    /// <summary>A document in JSON.</summary>
    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What queues and HTTP subscribers get.</summary>
    public byte[] Envelope(string subscriptionArn) => Json(json =>
    {
        json.WriteString("Type", HttpNotification.Notification);
        json.WriteString("MessageId", _message.Id);
        if (Sequence is { } sequence)
        {
            json.WriteString("SequenceNumber", Number(sequence));
        }

        json.WriteString("TopicArn", _topic.Key.Arn);
        if (_message.Subject is { } subject)
        {
            json.WriteString("Subject", subject);
        }

        json.WriteString("Message", _text);
        json.WriteString("Timestamp", _time);
        if (_key is { } key)
        {
            json.WriteString("SignatureVersion", _topic.SignatureVersion);
            json.WriteString("Signature", Signature(key));
            json.WriteString("SigningCertURL", _urls.Certificate(key));
        }

        json.WriteString("UnsubscribeURL", _urls.Unsubscribe(subscriptionArn));
        if (!_message.Attributes.IsEmpty)
        {
            WriteAttributes(json);
        }
    });

    /// <summary>What functions get. The URLs are spelt otherwise there, as AWS does.</summary>
    public byte[] FunctionEvent(string subscriptionArn) => Json(json =>
    {
        json.WriteStartArray("Records");
        json.WriteStartObject();
        json.WriteString("EventSource", "aws:sns");
        json.WriteString("EventVersion", "1.0");
        json.WriteString("EventSubscriptionArn", subscriptionArn);
        json.WriteStartObject("Sns");
        json.WriteString("Type", HttpNotification.Notification);
        json.WriteString("MessageId", _message.Id);
        json.WriteString("TopicArn", _topic.Key.Arn);
        json.WriteString("Subject", _message.Subject);
        json.WriteString("Message", _text);
        json.WriteString("Timestamp", _time);
        json.WriteString("SignatureVersion", _topic.SignatureVersion);
        json.WriteString("Signature", Signature(_key!));
        json.WriteString("SigningCertUrl", _urls.Certificate(_key!));
        json.WriteString("UnsubscribeUrl", _urls.Unsubscribe(subscriptionArn));
        WriteAttributes(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private string Signature(SigningKey key) => _signature ??= key.Sign(
        Signed(
            ("Message", _text),
            ("MessageId", _message.Id),
            ("Subject", _message.Subject),
            ("Timestamp", _time),
            ("TopicArn", _topic.Key.Arn),
            ("Type", HttpNotification.Notification)),
        _topic.SignatureVersion);

    private void WriteAttributes(Utf8JsonWriter json)
    {
        json.WriteStartObject("MessageAttributes");
        foreach (var (name, attribute) in _message.Attributes)
        {
            json.WriteStartObject(name);
            json.WriteString("Type", attribute.Type);
            json.WriteString("Value", attribute.Value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
