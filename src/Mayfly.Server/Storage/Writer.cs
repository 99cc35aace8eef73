using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Storage;

/// <summary>
/// The one thread that writes. It takes whatever has queued up while the last batch went to disk and commits it as one
/// transaction, so that many callers share one sync. Each action has a savepoint: a failure undoes that action alone.
/// </summary>
internal sealed partial class Writer : IDisposable
{
    private const int MaxBatch = 512;

    private readonly SqlSession _session;
    private readonly BlockingCollection<PendingWrite> _queue = [];
    private readonly Thread _thread;
    private readonly ILogger _log;

    public Writer(SqlSession session, ILogger log)
    {
        (_session, _log) = (session, log);
        _thread = new Thread(Run) { Name = "store-writer", IsBackground = true };
        _thread.Start();
    }

    public Task<T> Enqueue<T>(Func<SqlSession, T> write, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var pending = new PendingWrite<T>(write, cancellationToken);
        try
        {
            _queue.Add(pending, CancellationToken.None);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The store is closed.", e);
        }

        return pending.Task;
    }

    public void Dispose()
    {
        if (!_queue.IsAddingCompleted)
        {
            _queue.CompleteAdding();
            _thread.Join();
            _queue.Dispose();
        }
    }

    private void Run()
    {
        var batch = new List<PendingWrite>(MaxBatch);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MaxBatch && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }

            // A batch is cut short when an error took the whole transaction; the rest gets a transaction of its own.
            for (var done = 0; done < batch.Count;)
            {
                done += Commit(batch, done);
            }

            batch.Clear();
        }

        _session.Dispose();
    }

    /// <summary>Runs and commits actions from <paramref name="start"/> on; every one of them is settled when it returns.</summary>
    /// <returns>How many were settled.</returns>
    private int Commit(List<PendingWrite> batch, int start)
    {
        var ran = 0;
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            for (var i = start; i < batch.Count; i++)
            {
                ran++;
                if (!RunOne(batch[i]))
                {
                    throw new StoreException("The transaction was lost to the failure of another write in it. Try again.", batch[i].Failure);
                }
            }

            _session.Execute("COMMIT");
        }
        catch (Exception e)
        {
            // Nothing may end this thread: whatever it was, the batch did not become durable, and its callers hear that.
            var systemError = _session.SystemError;
            RollBack();
            ran = Math.Max(ran, 1);
            var lost = StoreException.Of(e, systemError) ?? new StoreException($"The write did not reach the disk: {e.Message}", e);
            Log.Lost(_log, lost);
            foreach (var pending in batch.Skip(start).Take(ran))
            {
                pending.Fail(lost);
            }

            return ran;
        }

        foreach (var pending in batch.Skip(start).Take(ran))
        {
            pending.Settle();
        }

        return ran;
    }

    /// <returns>Whether the transaction is still open.</returns>
    private bool RunOne(PendingWrite pending)
    {
        if (pending.Withdrawn)
        {
            return true;
        }

        _session.Execute("SAVEPOINT action");
        try
        {
            pending.Run(_session);
        }
        catch (Exception e)
        {
            // Any exception is the action's own end: it goes to whoever gave the action.
            pending.Failure = StoreException.Of(e, _session.SystemError) ?? e;
            if (_session.OutsideTransaction)
            {
                return false;
            }

            _session.ExecuteOnce("ROLLBACK TO action");
        }

        _session.Execute("RELEASE action");
        return true;
    }

    private void RollBack()
    {
        if (_session.OutsideTransaction)
        {
            return;
        }

        try
        {
            _session.ExecuteOnce("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself; the next BEGIN tells when it has not.
        }
    }
    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "Writing to the store failed")]
        public static partial void Lost(ILogger logger, Exception exception);
    }
}
