namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>
/// Threads that wait for the disk, so that those which serve requests do not. They are several because a file system makes
/// the syncs durable together that come at the same time. Each lives as long as there is work.
/// </summary>
internal sealed class DiskThreads
{
    private const int Most = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(Action Work, TaskCompletionSource Done)> _waiting = new();
    private int _running;

    /// <summary>Runs some work, and completes when it has ended or with what it throws.</summary>
    public Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((work, done));
            if (_running < Most)
            {
                _running++;
                new Thread(Run) { Name = "objects-disk", IsBackground = true }.Start();
            }
        }

        return done.Task;
    }

    private void Run()
    {
        while (true)
        {
            (Action Work, TaskCompletionSource Done) next;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _running--;
                    return;
                }
            }

            try
            {
                next.Work();
                next.Done.SetResult();
            }
            catch (Exception e)
            {
                // Whatever it was: it is for whoever awaits the work.
                next.Done.SetException(e);
            }
        }
    }
}
