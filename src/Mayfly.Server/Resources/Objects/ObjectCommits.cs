using Mayfly.Server.Events;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Commits changes of objects, each with its events in one transaction.</summary>
/// <param name="database">The store.</param>
/// <param name="events">Who is told.</param>
/// <param name="delivery">What brings events to whom they are for.</param>
/// <param name="reaper">Deletes files that nothing names any more.</param>
/// <param name="time">The clock.</param>
internal sealed class ObjectCommits(Database database, ObjectEventRouter events, Delivery delivery, BlobReaper reaper, TimeProvider time)
{
    public Database Database => database;

    public TimeProvider Time => time;

    /// <summary>Runs a change. What it throws undoes it.</summary>
    /// <returns>What the change returned, once it is on disk.</returns>
    /// <exception cref="ObjectException">The bucket is gone, or what the change throws.</exception>
    public async Task<T> RunAsync<T>(Bucket known, Func<ObjectTransaction, T> change, CancellationToken cancellationToken)
    {
        var (result, transaction) = await database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var transaction = new ObjectTransaction(session, BucketStore.Newest(session, known), events, now);
                var result = change(transaction);
                transaction.Made.Write(session, now);
                return (result, transaction);
            },
            cancellationToken);
        transaction.Made.Wake(delivery);
        if (transaction.LeftFiles)
        {
            reaper.Wake();
        }

        return result;
    }

    /// <summary>Says that there may be files that nothing names any more.</summary>
    public void LookForFiles() => reaper.Wake();
}
