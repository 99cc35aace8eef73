using System.Collections.Immutable;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Resources.Objects.Uploads;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Objects.Lifecycle;

/// <summary>
/// Removes what the rules of buckets say. It goes through a bucket when the server starts, when its rules were changed, and at every
/// midnight UTC of its clock, since nothing becomes due at another time.
/// </summary>
/// <param name="buckets">The buckets.</param>
/// <param name="commits">What commits removals.</param>
/// <param name="log">Where failures are told.</param>
internal sealed partial class LifecycleLoop(BucketRegistry buckets, ObjectCommits commits, ILogger log)
{
    private const int Batch = 1000;
    private const string Kind = "LifecycleExpiration";

    // For so long a client that did not get the answer to a completion can ask again.
    private static readonly TimeSpan AnswersAreKept = TimeSpan.FromHours(24);

    private readonly DueSignal _due = new(commits.Time);
    private readonly Dictionary<long, (DateTime Day, ImmutableArray<LifecycleRule> Rules)> _swept = [];
    private DateTime _forgotten;

    /// <summary>Runs until the token fires.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            _due.Look();
            try
            {
                await SweepAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (ObjectException)
            {
                // The bucket was removed meanwhile.
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                Log.Failed(log, e);
            }

            await _due.WaitAsync(DueSignal.LongestSleep, stopping);
        }
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        var now = commits.Time.GetUtcNow();
        var day = now.UtcDateTime.Date;
        if (_forgotten != day)
        {
            await commits.Database.WriteAsync(session => UploadStore.Forget(session, now - AnswersAreKept), stopping);
            _forgotten = day;
        }

        foreach (var bucket in buckets.Current.ByName.Values.Where(static bucket => !bucket.Lifecycle.IsEmpty))
        {
            if (_swept.GetValueOrDefault(bucket.Id) != (day, bucket.Lifecycle))
            {
                await SweepAsync(bucket, now, stopping);
                await AbortAsync(bucket, now, stopping);
                _swept[bucket.Id] = (day, bucket.Lifecycle);
            }
        }
    }

    private async Task SweepAsync(Bucket bucket, DateTimeOffset now, CancellationToken stopping)
    {
        var query = new ListingQuery { Max = Batch };
        ObjectVersion? above = null;
        var noncurrent = 0;
        while (true)
        {
            var page = commits.Database.Read(session => VersionLister.List(session, bucket.Id, query));
            var due = new List<ObjectVersion>();
            foreach (var version in page.Versions)
            {
                var replaced = above is not null && above.Key == version.Key ? above.LastModified : (DateTimeOffset?)null;
                noncurrent = replaced is null ? 0 : above!.IsLatest ? 0 : noncurrent + 1;
                if (LifecycleDecision.IsDue(bucket, version, replaced, noncurrent, now))
                {
                    due.Add(version);
                }

                above = version;
            }

            if (due.Count > 0)
            {
                await commits.RunAsync(bucket, transaction => RemoveAll(transaction, due), stopping);
            }

            if (!page.IsTruncated)
            {
                return;
            }

            query = query with { After = page.Next!, AfterVersion = page.NextVersion };
        }
    }

    private static int RemoveAll(ObjectTransaction transaction, List<ObjectVersion> due)
    {
        var caller = ObjectCaller.Service(Guid.NewGuid().ToString("N"));
        foreach (var version in due)
        {
            var key = ObjectKey.Bytes(version.Key);

            // What changed since it was looked at is looked at again another day.
            var row = VersionStore.Find(transaction.Session, transaction.Bucket.Id, key, version.VersionId);
            if (row is null || row.Version.Sequence != version.Sequence || row.Version.IsLatest != version.IsLatest)
            {
                continue;
            }

            if (!version.IsLatest || (version.IsDeleteMarker && VersionStore.IsOnly(transaction.Session, transaction.Bucket.Id, key)))
            {
                transaction.Remove(row, key, Kind, caller);
            }
            else if (!version.IsDeleteMarker)
            {
                transaction.Delete(version.Key, key, Kind, caller);
            }
        }

        return due.Count;
    }

    private async Task AbortAsync(Bucket bucket, DateTimeOffset now, CancellationToken stopping)
    {
        foreach (var rule in bucket.Lifecycle)
        {
            if (LifecycleDecision.AbortBefore(rule, now) is not { } before)
            {
                continue;
            }

            while (await commits.RunAsync(bucket, transaction => Abort(transaction, rule.Prefix, before), stopping) > 0)
            {
                // There may be more.
            }
        }
    }

    private static int Abort(ObjectTransaction transaction, string prefix, DateTimeOffset before)
    {
        var old = UploadStore.Old(transaction.Session, transaction.Bucket.Id, ObjectKey.Text(prefix), before, Batch);
        foreach (var upload in old)
        {
            UploadStore.Remove(transaction.Session, upload.Id);
            transaction.LeftFiles = true;
        }

        return old.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(5310, LogLevel.Error, "Following the lifecycle rules of buckets failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
