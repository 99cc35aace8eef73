using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Queues.</summary>
internal sealed class QueuesResource(QueueRegistry queues, QueueEngine engine, TimeProvider time)
{
    private const int MaxName = 80;
    private const string BadName = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    private const string BadFifoName = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length";

    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var key = new QueueKey(call.Scope.Account, call.Scope.Region, call.Input.Needed("QueueName"));
        var attributes = Attributes(call);
        CheckName(key.Name, attributes.GetValueOrDefault("FifoQueue") == "true");
        var tags = QueueTagsResource.With(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), call, "tags", key);
        var now = time.GetUtcNow();
        await queues.ApplyAsync(
            snapshot =>
            {
                var made = With(new() { Key = key, Tags = tags, Created = now, LastModified = now }, attributes, snapshot);
                if (snapshot.Find(key) is not { } existing)
                {
                    return new() { Put = [made] };
                }

                var (asked, there) = (QueueAttributes.Of(made, null).ToDictionary(), QueueAttributes.Of(existing, null).ToDictionary());
                return attributes.Keys.FirstOrDefault(name => asked.GetValueOrDefault(name) != there.GetValueOrDefault(name)) is { } other
                    ? throw new AwsException("QueueNameExists", $"A queue already exists with the same name and a different value for attribute {other}")
                    : new();
            },
            call.Aborted);
        return new() { ["QueueUrl"] = QueueUrls.Of(call, key) };
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        await queues.ApplyAsync(snapshot => new() { Remove = [QueueUrls.Find(call, snapshot).Key] }, call.Aborted);
        return null;
    }

    public Task<JsonObject?> GetUrlAsync(JsonCall call)
    {
        var key = new QueueKey(call.Text("QueueOwnerAWSAccountId") is { Length: > 0 } owner ? owner : call.Scope.Account, call.Scope.Region, call.Input.Needed("QueueName"));
        return Task.FromResult<JsonObject?>(queues.Current.Find(key) is { } queue && QueuePolicy.Allows(queue, call.Scope.Account, call.Operation.Name)
            ? new() { ["QueueUrl"] = QueueUrls.Of(call, key) }
            : throw SqsErrors.NoQueue(call));
    }

    public Task<JsonObject?> ListAsync(JsonCall call) =>
        Task.FromResult<JsonObject?>(SqsPages.Answer(call, "QueueUrls", queues.Current.List(call.Scope.Account, call.Scope.Region, call.Text("QueueNamePrefix") ?? "")));

    public Task<JsonObject?> ListSourcesAsync(JsonCall call)
    {
        var snapshot = queues.Current;
        var answer = SqsPages.Answer(call, "queueUrls", snapshot.SourcesOf(QueueUrls.Find(call, snapshot).Key));
        _ = answer.TryAdd("queueUrls", new JsonArray());
        return Task.FromResult<JsonObject?>(answer);
    }

    public async Task<JsonObject?> PurgeAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        try
        {
            await engine.PurgeAsync(queue.Key, call.Aborted);
        }
        catch (QueueException e)
        {
            throw SqsErrors.Of(call, e.Error, queue);
        }

        return null;
    }

    public Task<JsonObject?> GetAttributesAsync(JsonCall call)
    {
        var queue = QueueUrls.Find(call, queues.Current);
        var names = call.Input.Texts("AttributeNames").ToList();
        if (names.Find(static name => !QueueAttributes.Known.Contains(name)) is { } unknown)
        {
            throw SqsErrors.UnknownAttribute(unknown);
        }

        var answer = new JsonObject();
        if (names.Count > 0)
        {
            var (all, shown) = (names.Contains(QueueAttributes.All), new JsonObject());
            foreach (var (name, value) in QueueAttributes.Of(queue, Count(call, queue)))
            {
                shown.Set(name, all || names.Contains(name) ? value : null);
            }

            if (shown.Count > 0)
            {
                answer["Attributes"] = shown;
            }
        }

        return Task.FromResult<JsonObject?>(answer);
    }

    public async Task<JsonObject?> SetAttributesAsync(JsonCall call)
    {
        var attributes = Attributes(call);
        if (attributes.Count == 0)
        {
            throw SqsErrors.Missing("Attribute.Name");
        }

        await queues.ApplyAsync(
            snapshot => new() { Put = [With(QueueUrls.Find(call, snapshot), attributes, snapshot) with { LastModified = time.GetUtcNow() }] },
            call.Aborted);
        return null;
    }

    private static MessageQueue With(MessageQueue queue, Dictionary<string, string> attributes, QueueSnapshot snapshot)
    {
        try
        {
            return QueueAttributesReader.Apply(queue, attributes, snapshot);
        }
        catch (QueueAttributeException e)
        {
            throw SqsErrors.Of(e);
        }
    }

    private QueueCounts Count(JsonCall call, MessageQueue queue)
    {
        try
        {
            return engine.Count(queue.Key);
        }
        catch (QueueException e)
        {
            throw SqsErrors.Of(call, e.Error, queue);
        }
    }

    private static void CheckName(string name, bool isFifo)
    {
        if (isFifo ? name.Length > MaxName || !name.EndsWith(QueueKey.FifoSuffix, StringComparison.Ordinal) || !SqsMembers.IsName(name[..^QueueKey.FifoSuffix.Length]) : !SqsMembers.IsName(name))
        {
            throw SqsErrors.Invalid(isFifo ? BadFifoName : BadName);
        }
    }

    private static Dictionary<string, string> Attributes(JsonCall call)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in call.Input.Map("Attributes"))
        {
            attributes[name] = value ?? "";
        }

        return attributes;
    }
}
