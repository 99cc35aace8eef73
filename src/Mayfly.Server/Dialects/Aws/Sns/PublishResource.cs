using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Messages for topics.</summary>
internal sealed class PublishResource(TopicRegistry topics, TopicPublisher publisher)
{
    private const int MostEntries = 10;
    private const int MaxEntryId = 80;
    private const int MaxTraceHeader = 4096;

    public async Task<JsonObject?> PublishAsync(JsonCall call)
    {
        if (call.Text("PhoneNumber") is not null)
        {
            throw AwsException.NotServed("A message to a phone");
        }

        var member = call.Text("TopicArn") is not null ? "TopicArn" : call.Text("TargetArn") is not null ? "TargetArn" : throw SnsErrors.Missing("TopicArn or TargetArn");
        if (call.Required(member).Contains(":endpoint/", StringComparison.Ordinal))
        {
            throw AwsException.NotServed("A message to a device");
        }

        var key = SnsNames.Topic(call, member);
        var topic = SnsNames.Find(call, topics.Current, key).Topic;
        var published = await publisher.PublishAsync(key, [Read(call, topic, call.Input, out _)], call.Aborted) ?? throw SnsErrors.NotFound("Topic");
        return Answer(published[0]);
    }

    public async Task<JsonObject?> PublishBatchAsync(JsonCall call)
    {
        var entries = call.Input.List("PublishBatchRequestEntries").ToList();
        if (entries.Count == 0)
        {
            throw new AwsException("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
        }

        if (entries.Count > MostEntries)
        {
            throw new AwsException("TooManyEntriesInBatchRequestException", "The batch request contains more entries than permissible.");
        }

        var ids = entries.ConvertAll(static entry => entry.Text("Id")!);
        if (ids.Exists(static id => id.Length is 0 or > MaxEntryId || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            throw new AwsException("InvalidBatchEntryIdException", "The Id of a batch entry in a batch request doesn't abide by the specification.");
        }

        if (ids.Distinct(StringComparer.Ordinal).Count() < ids.Count)
        {
            throw new AwsException("BatchEntryIdsNotDistinctException", "Two or more batch entries in the request have the same Id.");
        }

        var key = SnsNames.Topic(call);
        var topic = SnsNames.Find(call, topics.Current, key).Topic;
        var total = 0;
        var messages = entries.ConvertAll(entry =>
        {
            var message = Read(call, topic, entry, out var size);
            total += size;
            return message;
        });
        if (total > TopicMessageRules.MaxSize)
        {
            throw new AwsException("BatchRequestTooLongException", "The length of all the messages put together is more than the limit.");
        }

        var published = await publisher.PublishAsync(key, messages, call.Aborted) ?? throw SnsErrors.NotFound("Topic");
        return new()
        {
            ["Successful"] = new JsonArray([.. published.Zip(ids, static (publication, id) =>
            {
                var entry = Answer(publication);
                entry["Id"] = id;
                return entry;
            })]),
            ["Failed"] = new JsonArray(),
        };
    }

    private static JsonObject Answer(Publication publication)
    {
        var answer = new JsonObject { ["MessageId"] = publication.MessageId };
        answer.Set("SequenceNumber", publication.SequenceNumber);
        return answer;
    }

    private static TopicMessage Read(JsonCall call, Topic topic, JsonElement input, out int size)
    {
        var text = input.Text("Message")!;
        var texts = TopicAttributes.None;
        switch (input.Text("MessageStructure"))
        {
            case null or "":
                break;
            case "json":
                if (TopicMessageRules.ReadStructure(text, out texts) is { } refusal)
                {
                    throw SnsErrors.Of(refusal);
                }

                break;
            default:
                throw SnsErrors.Parameter("MessageStructure");
        }

        var message = new TopicMessage
        {
            Id = Guid.NewGuid().ToString(),
            Text = texts.GetValueOrDefault("default", text),
            Texts = texts,
            Subject = input.Text("Subject"),
            Attributes = Attributes(input),
            GroupId = input.Text("MessageGroupId"),
            DeduplicationId = input.Text("MessageDeduplicationId"),
            TraceId = call.Http.Request.Headers["X-Amzn-Trace-Id"].ToString() is { Length: > 0 and <= MaxTraceHeader } trace ? trace : null,
        };
        size = TopicMessageRules.SizeOf(text, message.Attributes);
        return TopicMessageRules.Check(topic, message, size) is { } fault ? throw SnsErrors.Of(fault) : message;
    }

    private static ImmutableSortedDictionary<string, TopicMessageAttribute> Attributes(JsonElement input)
    {
        if (input.Member("MessageAttributes") is not { } given)
        {
            return TopicMessage.NoAttributes;
        }

        var attributes = TopicMessage.NoAttributes.ToBuilder();
        foreach (var member in given.EnumerateObject())
        {
            var (type, isBinary) = (member.Value.Text("DataType")!, member.Value.Text("DataType")!.StartsWith("Binary", StringComparison.Ordinal));
            var (own, other) = isBinary ? ("BinaryValue", "StringValue") : ("StringValue", "BinaryValue");
            var value = member.Value.Text(own);
            if (value is null && member.Value.Text(other) is not null)
            {
                throw SnsErrors.Of(TopicRefusal.Value($"The message attribute '{member.Name}' with type '{type}' must use field '{(isBinary ? "Binary" : "String")}'."));
            }

            attributes[member.Name] = new(type, value ?? "");
        }

        return attributes.ToImmutable();
    }
}
