using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Deletes the contents that no row names any more.</summary>
/// <param name="database">The store.</param>
/// <param name="contents">The contents.</param>
/// <param name="readers">Who may still open one.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed partial class BlobReaper(Database database, IBlobStore contents, BlobReaders readers, TimeProvider time, ILogger log)
{
    private const int Batch = 500;

    private readonly DueSignal _due = new(time);

    /// <summary>There may be one.</summary>
    public void Wake() => _due.Wake();

    /// <summary>Runs until the token fires.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            _due.Look();
            var sleep = DueSignal.AfterFailure;
            try
            {
                sleep = await ReapAsync(stopping) == Batch ? TimeSpan.Zero : DueSignal.LongestSleep;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                Log.Failed(log, e);

                // A store far away that does not answer is asked at leisure.
                sleep = e is StoreException ? DueSignal.LongestSleep : DueSignal.AfterFailure;
            }

            if (sleep > TimeSpan.Zero)
            {
                await _due.WaitAsync(sleep, stopping);
            }
        }
    }

    /// <returns>How many were deleted.</returns>
    internal async Task<int> ReapAsync(CancellationToken stopping)
    {
        List<BlobId> unused = [.. contents.Left(Batch / 2)];
        unused.AddRange(database.Read(session => BlobStore.Unused(session, Batch - unused.Count)));
        if (unused.Count > 0)
        {
            await readers.GoneAsync().WaitAsync(stopping);
            await contents.DeleteAsync(unused, stopping);
            await database.WriteAsync(session => unused.ForEach(id => BlobStore.Remove(session, id)), CancellationToken.None);
        }

        return unused.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Error, "Deleting contents of objects that nothing names any more failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
