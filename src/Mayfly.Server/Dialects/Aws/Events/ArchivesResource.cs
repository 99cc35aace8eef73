using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Archives.</summary>
internal sealed class ArchivesResource(BusRegistry buses, Database database, TimeProvider time)
{
    private const string Enabled = "ENABLED";

    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var key = Key(call);
        if (!BusKey.TryParse(call.Required("EventSourceArn"), out var bus))
        {
            throw AwsException.Validation("Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.");
        }

        CheckPattern(call);
        var archive = await ChangeAsync(
            call,
            key,
            (snapshot, existing) => existing is not null ? throw AwsException.Exists($"Archive {key.Name} already exists.")
                : snapshot.Find(bus) is null ? throw EventsNames.NoBus(bus)
                : Changed(call, new() { Key = key, Bus = bus, CreationTime = time.GetUtcNow() }));
        return Outcome(archive);
    }

    public async Task<JsonObject?> UpdateAsync(JsonCall call)
    {
        var key = Key(call);
        CheckPattern(call);
        return Outcome(await ChangeAsync(call, key, (_, existing) => Changed(call, existing ?? throw NoArchive(key))));
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var key = Key(call);
        var archive = buses.Current.Find(key) ?? throw NoArchive(key);
        var answer = Summary(archive);
        answer["ArchiveArn"] = key.Arn;
        answer.Set("Description", archive.Description);
        answer.Set("EventPattern", archive.EventPattern);
        answer.Set("KmsKeyIdentifier", archive.KmsKeyIdentifier);
        return Task.FromResult<JsonObject?>(answer);
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        EventsPages.OneFilter(call, "ListArchives");
        return Task.FromResult<JsonObject?>(EventsPages.Answer(call, "Archives", buses.Current.Archives.ByKey.Values
            .Where(archive => archive.Key.Account == call.Scope.Account && archive.Key.Region == call.Scope.Region
                && archive.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal)
                && (call.Text("EventSourceArn") ?? archive.Bus.Arn) == archive.Bus.Arn
                && (call.Text("State") ?? Enabled) == Enabled)
            .Select(archive => (archive.Key.Name, (JsonNode)Summary(archive)))));
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var key = Key(call);
        await buses.ApplyAsync(snapshot => snapshot.Find(key) is null ? throw NoArchive(key) : new() { RemoveArchives = [key] }, call.Aborted);
        return null;
    }

    private static ArchiveKey Key(JsonCall call) => new(call.Scope.Account, call.Scope.Region, call.Required("ArchiveName"));

    private static AwsException NoArchive(in ArchiveKey key) => AwsException.NotFound($"Archive {key.Name} does not exist.");

    private static void CheckPattern(JsonCall call)
    {
        if (call.Text("EventPattern") is { Length: > 0 } pattern)
        {
            RulesResource.CheckPattern(pattern);
        }
    }

    // An empty pattern takes away the one that there was.
    private static EventArchive Changed(JsonCall call, EventArchive archive) => archive with
    {
        Description = call.Text("Description") ?? archive.Description,
        EventPattern = call.Text("EventPattern") is { } pattern ? pattern.Length == 0 ? null : pattern : archive.EventPattern,
        RetentionDays = call.Input.Member("RetentionDays")?.GetInt32() ?? archive.RetentionDays,
        KmsKeyIdentifier = call.Text("KmsKeyIdentifier") ?? archive.KmsKeyIdentifier,
    };

    private static JsonObject Outcome(EventArchive archive) =>
        new() { ["ArchiveArn"] = archive.Key.Arn, ["State"] = Enabled, ["CreationTime"] = EventsNames.Seconds(archive.CreationTime) };

    private async Task<EventArchive> ChangeAsync(JsonCall call, ArchiveKey key, Func<BusSnapshot, EventArchive?, EventArchive> change)
    {
        EventArchive? archive = null;
        await buses.ApplyAsync(
            snapshot =>
            {
                archive = change(snapshot, snapshot.Find(key));
                return new() { PutArchives = [archive] };
            },
            call.Aborted);
        return archive!;
    }

    private JsonObject Summary(EventArchive archive)
    {
        var (events, bytes) = database.Read(session => ArchiveStore.Count(session, archive.Key));
        return new()
        {
            ["ArchiveName"] = archive.Key.Name,
            ["EventSourceArn"] = archive.Bus.Arn,
            ["State"] = Enabled,
            ["RetentionDays"] = archive.RetentionDays,
            ["SizeBytes"] = bytes,
            ["EventCount"] = events,
            ["CreationTime"] = EventsNames.Seconds(archive.CreationTime),
        };
    }
}
