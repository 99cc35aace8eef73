using Mayfly.Server.Events;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Lifecycle;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Resources.Objects.Uploads;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Buckets and objects: rows in the server's database, contents above 16 KiB in files or in a bucket elsewhere.</summary>
public sealed class ObjectStore : IDisposable
{
    private readonly IBlobStore _blobs;
    private readonly BlobReaper _reaper;
    private readonly LifecycleLoop _lifecycle;

    /// <summary>Opens it, and clears what a crash left.</summary>
    /// <param name="blobs">The contents.</param>
    /// <param name="database">The open store.</param>
    /// <param name="events">Who is told of changes.</param>
    /// <param name="delivery">What brings events to whom they are for.</param>
    /// <param name="time">The clock of objects and of their age.</param>
    /// <param name="log">Where failures are told.</param>
    internal ObjectStore(IBlobStore blobs, Database database, ObjectEventRouter events, Delivery delivery, TimeProvider time, ILogger<ObjectStore> log)
    {
        ArgumentNullException.ThrowIfNull(database);
        _blobs = blobs;
        blobs.Sweep(id => database.Read(session => BlobStore.Contains(session, id)));
        var readers = new BlobReaders();
        _reaper = new(database, blobs, readers, time, log);
        var commits = new ObjectCommits(database, events, delivery, _reaper, time);
        Buckets = new(database);
        Reader = new(database, blobs, readers);
        Writes = new(commits, blobs);
        Uploads = new(commits, blobs);
        _lifecycle = new(Buckets, commits, log);
    }

    /// <summary>The buckets.</summary>
    public BucketRegistry Buckets { get; }

    /// <summary>Reads objects.</summary>
    public ObjectReader Reader { get; }

    /// <summary>Changes objects.</summary>
    public ObjectWrites Writes { get; }

    /// <summary>Objects that are uploaded in parts.</summary>
    public MultipartUploads Uploads { get; }

    /// <summary>Removes what is due and what nothing names any more, until the token fires.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_reaper.RunAsync(stopping), _lifecycle.RunAsync(stopping));

    /// <inheritdoc />
    public void Dispose()
    {
        Buckets.Dispose();
        (_blobs as IDisposable)?.Dispose();
    }
}
