using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.Objects;

/// <summary>Buckets and objects over a real database and real files. Reopened on the same folder it is a restart.</summary>
internal sealed class ObjectFixture : IAsyncDisposable
{
    public const string Queue = "arn:aws:sqs:us-east-1:000000000000:told";

    private readonly FunctionRegistry _functions;
    private readonly Delivery _delivery;
    private readonly BusRegistry _buses;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public ObjectFixture(string folder, VirtualTime time)
    {
        (Folder, Time) = (Path.Combine(folder, "objects"), time);
        Database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        _functions = new(Database);
        _delivery = new(Database, _functions.Table, static (request, _) => new(DeliveryFixture.Succeeded(request)), 8, time, NullLogger<Delivery>.Instance);
        _buses = new(Database);
        Store = new(new BlobFolder(Folder, time), Database, new(new(_buses, time, NullLogger<EventRouter>.Instance), time), _delivery, time, NullLogger<ObjectStore>.Instance);
    }

    public static ObjectCaller Caller { get; } = new("AKIA", "127.0.0.1", "R1", null);

    public string Folder { get; }

    public VirtualTime Time { get; }

    public Database Database { get; }

    public ObjectStore Store { get; }

    /// <summary>What waits for the queue: event name, key and size of each, in the order of their making.</summary>
    public IReadOnlyList<string> Told => Database.Read(static session => session.Query("SELECT payload FROM events ORDER BY id", static row => row.GetFieldValue<byte[]>(0))).ConvertAll(static payload =>
    {
        var record = JsonDocument.Parse(payload).RootElement.GetProperty("Records")[0];
        var changed = record.GetProperty("s3").GetProperty("object");
        return $"{record.GetProperty("eventName")} {changed.GetProperty("key")}" + (changed.TryGetProperty("size", out var size) ? $" {size}" : "");
    });

    /// <summary>Every file with content, wherever it lies.</summary>
    public IReadOnlyList<string> Files => Directory.GetFiles(Folder, "*", SearchOption.AllDirectories);

    public Bucket this[string name] => Store.Buckets.Current.Get(name);

    public void Start() => _running = Store.RunAsync(_stop.Token);

    public async Task<Bucket> BucketAsync(string name = "photos", Func<Bucket, Bucket>? change = null)
    {
        var bucket = new Bucket { Name = name, Account = "000000000000", Region = "us-east-1", Created = Time.GetUtcNow() };
        await Store.Buckets.ApplyAsync(_ => new() { Put = [change is null ? bucket : change(bucket)] }, default);
        return this[name];
    }

    public async Task<Bucket> ChangeAsync(string name, Func<Bucket, Bucket> change)
    {
        await Store.Buckets.ApplyAsync(buckets => new() { Put = [change(buckets.Get(name))] }, default);
        return this[name];
    }

    public Task<Bucket> ToldAsync(string name = "photos") => ChangeAsync(name, static bucket => bucket with
    {
        Notifications = new() { Rules = [new() { Id = "all", TargetArn = Queue, Events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:LifecycleExpiration:*"] }] },
    });

    public Task<ObjectVersion> PutAsync(Bucket bucket, string key, string content = "", WriteCondition condition = default) =>
        PutAsync(bucket, key, Encoding.UTF8.GetBytes(content), condition);

    public async Task<ObjectVersion> PutAsync(Bucket bucket, string key, byte[] content, WriteCondition condition = default, ChecksumAlgorithm checksum = ChecksumAlgorithm.Crc64Nvme)
    {
        await using var body = Store.Writes.Begin(content.Length, checksum);
        await body.WriteAsync(content, default);
        return await Store.Writes.PutAsync(new() { Bucket = bucket, Key = key, Caller = Caller, Condition = condition }, body, default);
    }

    public async Task<DeletedObject> DeleteAsync(Bucket bucket, string key, string? version = null, string? ifMatch = null)
    {
        var deleted = (await Store.Writes.DeleteAsync(bucket, [new(key, version, ifMatch)], Caller, default)).ShouldHaveSingleItem();
        return deleted.Failure is null ? deleted : throw deleted.Failure;
    }

    public async Task<byte[]> ReadAsync(Bucket bucket, string key, string? version = null, long offset = 0, long? length = null)
    {
        using var opened = Store.Reader.Open(bucket, key, version);
        return await ReadAsync(opened, offset, length ?? (opened.Version.Size - offset));
    }

    public static async Task<byte[]> ReadAsync(OpenedObject opened, long offset, long length)
    {
        var content = new byte[length];
        for (var read = 0; read < length;)
        {
            var count = await opened.ReadAsync(offset + read, content.AsMemory(read), default);
            count.ShouldBeGreaterThan(0);
            read += count;
        }

        return content;
    }

    public async Task<string> TextAsync(Bucket bucket, string key, string? version = null) => Encoding.UTF8.GetString(await ReadAsync(bucket, key, version));

    public IReadOnlyList<string> Keys(Bucket bucket) => [.. Store.Reader.List(bucket, new()).Versions.Select(static version => version.Key)];

    /// <summary>Versions as <c>key=content</c>, delete markers as <c>key-</c>, the newest of a key with <c>!</c>.</summary>
    public async Task<IReadOnlyList<string>> VersionsAsync(Bucket bucket)
    {
        var shown = new List<string>();
        foreach (var version in Store.Reader.ListVersions(bucket, new()).Versions)
        {
            var content = version.IsDeleteMarker ? "-" : "=" + await TextAsync(bucket, version.Key, version.VersionId);
            shown.Add(version.Key + content + (version.IsLatest ? "!" : ""));
        }

        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _delivery.StopAsync();
        _delivery.Dispose();
        Store.Dispose();
        _buses.Dispose();
        _functions.Dispose();
        Database.Dispose();
        _stop.Dispose();
    }

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static ImmutableSortedDictionary<string, string> Map(params (string Name, string Value)[] values) =>
        values.ToImmutableSortedDictionary(static value => value.Name, static value => value.Value, StringComparer.Ordinal);
}
