using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Writes received messages, with the attributes that were asked for.</summary>
internal sealed class MessageWriter
{
    private const string All = "All";

    private static readonly string[] Known =
        [All, "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"];

    private readonly HashSet<string> _system;
    private readonly List<string> _names;

    /// <summary>Reads what a request asks for.</summary>
    public MessageWriter(JsonCall call)
    {
        _system = [.. call.Input.Texts("AttributeNames"), .. call.Input.Texts("MessageSystemAttributeNames")];
        _names = [.. call.Input.Texts("MessageAttributeNames")];
        if (_system.FirstOrDefault(static name => !Known.Contains(name, StringComparer.Ordinal) && !QueueAttributes.Known.Contains(name)) is { } unknown)
        {
            throw SqsErrors.UnknownAttribute(unknown);
        }
    }

    public JsonNode Write(ReceivedMessage message)
    {
        var answer = new JsonObject
        {
            ["MessageId"] = message.MessageId,
            ["ReceiptHandle"] = message.ReceiptHandle,
            ["MD5OfBody"] = MessageDigest.OfBody(message.Body),
            ["Body"] = message.Body,
        };
        var system = new JsonObject();
        foreach (var (name, value) in System(message))
        {
            system.Set(name, _system.Contains(All) || _system.Contains(name) ? value : null);
        }

        if (system.Count > 0)
        {
            answer["Attributes"] = system;
        }

        var attributes = message.Attributes.Where(attribute => _names.Exists(name => Names(name, attribute.Key))).ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (!attributes.IsEmpty)
        {
            answer["MD5OfMessageAttributes"] = MessageDigest.OfAttributes(attributes);
            answer["MessageAttributes"] = new JsonObject(attributes.Select(static attribute => KeyValuePair.Create(attribute.Key, (JsonNode?)Json(attribute.Value))));
        }

        return answer;
    }

    private static JsonObject Json(MessageAttribute attribute)
    {
        var json = new JsonObject { ["DataType"] = attribute.DataType };
        json.Set("StringValue", attribute.Binary is null ? attribute.Text : null);
        json.Set("BinaryValue", attribute.Binary is { } bytes ? Convert.ToBase64String(bytes) : null);
        return json;
    }

    private static IEnumerable<(string Name, string? Value)> System(ReceivedMessage message) =>
    [
        ("SenderId", message.SenderId),
        ("SentTimestamp", Text(message.Sent.ToUnixTimeMilliseconds())),
        ("ApproximateReceiveCount", Text(message.ReceiveCount)),
        ("ApproximateFirstReceiveTimestamp", Text(message.FirstReceived.ToUnixTimeMilliseconds())),
        ("SequenceNumber", message.SequenceNumber),
        ("MessageDeduplicationId", message.DeduplicationId),
        ("MessageGroupId", message.GroupId),
        ("AWSTraceHeader", message.TraceHeader),
        ("DeadLetterQueueSourceArn", message.DeadLetterSourceArn),
    ];

    /// <summary>Whether a name that was asked for means an attribute: all, those that begin so, or this one.</summary>
    private static bool Names(string asked, string name) =>
        asked is All or ".*" || asked == name || (asked.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(asked[..^2], StringComparison.Ordinal));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
