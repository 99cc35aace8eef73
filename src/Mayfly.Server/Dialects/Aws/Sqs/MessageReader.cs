using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Reads messages from requests.</summary>
internal static class MessageReader
{
    public const string BadCharacters = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
    public const string BadId = "can only include alphanumeric and punctuation characters. 1 to 128 in length.";

    private const int MostAttributes = 10;
    private const int MaxDelay = 900;
    private const int MaxNumberDigits = 38;
    private const string TraceHeader = "AWSTraceHeader";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>Reads a message.</summary>
    /// <param name="call">The request.</param>
    /// <param name="json">The request itself, or an entry of a batch.</param>
    /// <param name="queue">Where it goes.</param>
    /// <param name="within">How the parameters of an entry of a batch begin.</param>
    public static SqsMessage Read(JsonCall call, JsonElement json, MessageQueue queue, string within = "")
    {
        var system = SystemAttributes(json);
        var delay = json.Number("DelaySeconds", 0, MaxDelay, $"DelaySeconds must be >= 0 and <= {MaxDelay}.");
        var message = new NewMessage(json.Needed("MessageBody", within))
        {
            Attributes = Attributes(json, "MessageAttributes"),
            TraceHeader = system.GetValueOrDefault(TraceHeader)?.Text ?? (call.Http.Request.Headers["X-Amzn-Trace-Id"] is { Count: > 0 } trace ? trace.ToString() : null),
            GroupId = Id(json, "MessageGroupId"),
            DeduplicationId = Id(json, "MessageDeduplicationId"),
            DelaySeconds = queue.Key.IsFifo && delay > 0 ? throw SqsErrors.Invalid($"{delay}", "DelaySeconds", "The request include parameter that is not valid for this queue type.")
                : queue.Key.IsFifo ? null : delay,
        };
        return new(message, system.IsEmpty ? null : MessageDigest.OfAttributes(system));
    }

    /// <summary>An id of 1 to 128 letters, digits and signs.</summary>
    public static string? Id(JsonElement json, string name) =>
        json.Text(name) is not { } text ? null : text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : throw SqsErrors.Invalid(text, name, $"{name} {BadId}");

    private static ImmutableSortedDictionary<string, MessageAttribute> SystemAttributes(JsonElement json)
    {
        var attributes = Attributes(json, "MessageSystemAttributes");
        return attributes.All(static attribute => attribute is { Key: TraceHeader, Value.DataType: "String" }) ? attributes
            : throw SqsErrors.Invalid("Message system attribute name must be AWSTraceHeader, and its type String.");
    }

    private static ImmutableSortedDictionary<string, MessageAttribute> Attributes(JsonElement json, string member)
    {
        if (json.Member(member) is not { } given)
        {
            return NewMessage.NoAttributes;
        }

        var attributes = NewMessage.NoAttributes.ToBuilder();
        foreach (var entry in given.EnumerateObject())
        {
            CheckName(entry.Name);
            attributes[entry.Name] = Attribute(entry.Name, entry.Value);
        }

        return attributes.Count > MostAttributes
            ? throw SqsErrors.Invalid($"Number of message attributes [{attributes.Count}] exceeds the allowed maximum [{MostAttributes}].")
            : attributes.ToImmutable();
    }

    private static MessageAttribute Attribute(string name, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.Text("DataType") is not { Length: > 0 } type)
        {
            throw SqsErrors.Invalid($"The message (user) attribute '{name}' must contain a non-empty message attribute type.");
        }

        if (json.List("StringListValues").Any() || json.List("BinaryListValues").Any())
        {
            throw new AwsException("UnsupportedOperation", "List values of message attributes are not implemented.");
        }

        if (type.Length >= 256 || !IsType(type))
        {
            throw SqsErrors.Invalid(type.Length >= 256 ? "Message (user) attribute types must be shorter than 256 Bytes" : $"The type of message (user) attribute '{name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.");
        }

        var kind = type.Split('.')[0];
        if (kind == "Binary")
        {
            var bytes = json.Member("BinaryValue") is { } value && value.TryGetBytesFromBase64(out var read) ? read : [];
            return bytes.Length > 0 ? new(type, null, bytes) : throw NoValue(name, kind);
        }

        var text = json.Text("StringValue") is { Length: > 0 } given ? given : throw NoValue(name, kind);
        return !MessageRules.IsLegal(text) ? throw SqsErrors.Invalid(BadCharacters)
            : kind == "Number" && !IsNumber(text) ? throw SqsErrors.Invalid($"Can't cast the value of message (user) attribute '{name}' to a number.")
            : new(type, text, null);
    }

    private static AwsException NoValue(string name, string kind) => SqsErrors.Invalid($"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'.");

    // A kind, and behind a dot a label of one's own.
    private static bool IsType(string type) => type.Split('.', 2) is ["String" or "Number" or "Binary"] or ["String" or "Number" or "Binary", { Length: > 0 }];

    private static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
        && Math.Abs(number) <= 1e126
        && text.TakeWhile(static c => c is not ('e' or 'E')).Count(char.IsAsciiDigit) <= MaxNumberDigits;

    private static void CheckName(string name)
    {
        if (name.Length == 0)
        {
            throw SqsErrors.Invalid("Message (user) attribute names must not be empty.");
        }

        if (Encoding.UTF8.GetByteCount(name) >= 256)
        {
            throw SqsErrors.Invalid("Message (user) attribute names must be shorter than 256 Bytes");
        }

        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw SqsErrors.Invalid("Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ");
        }

        if (name.StartsWith("aws.", StringComparison.OrdinalIgnoreCase) || name.StartsWith("amazon.", StringComparison.OrdinalIgnoreCase) || name[0] == '.' || name[^1] == '.' || name.Contains("..", StringComparison.Ordinal))
        {
            throw SqsErrors.Invalid("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use. Additionally, they cannot start or end with '.'.");
        }
    }
}
