using Mayfly.Server.Events;
using Mayfly.Server.Functions.CodeSigning;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Connections;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Uploads;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Replays;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Services;
using Mayfly.Server.Storage;

namespace Mayfly.Server;

/// <summary>The whole history of the store's schema. Each concept keeps its own statements; this list gives them their order.</summary>
public static class StoreSchema
{
    /// <summary>Every step, oldest first.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new(1, "functions", FunctionStore.Schema),
        new(2, "services", ServiceStore.Schema),
        new(3, "published versions", FunctionStore.VersionsSchema),
        new(4, "layers", LayerStore.Schema),
        new(5, "code signing", CodeSigningStore.Schema),
        new(6, "events", EventStore.Schema),
        new(7, "images", ImageStore.Schema),
        new(8, "event buses", BusStore.Schema),
        new(9, "schedules", ScheduleStore.Schema),
        new(10, "events for targets of any kind", EventStore.LanesSchema),
        new(11, "archives, replays and connections", ArchiveStore.Schema + ReplayStore.Schema + ConnectionStore.Schema),
        new(12, "scheduler", SchedulerStore.Schema),
        new(13, "queues", QueueStore.Schema + MessageStore.Schema + MoveStore.Schema),
        new(14, "topics", TopicStore.Schema),
        new(15, "event source mappings and brokers", MappingStore.Schema),
        new(16, "buckets and objects", BucketStore.Schema + BlobStore.Schema + VersionStore.Schema + UploadStore.Schema),
        new(17, "the place of contents", BlobPlaces.Schema),
    ];
}
