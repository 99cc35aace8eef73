using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Makes names in a folder durable. Whoever comes while a sync runs shares the next one with all others that do.</summary>
/// <param name="folder">The folder.</param>
/// <param name="threads">What waits for the disk.</param>
internal sealed class GroupedFolderSync(string folder, DiskThreads threads)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private bool _running;

    /// <summary>Completes once every name that was in the folder at the call is durable.</summary>
    public Task SyncAsync()
    {
        lock (_gate)
        {
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            var mine = _next.Task;
            if (!_running)
            {
                _running = true;
                _ = threads.RunAsync(Run);
            }

            return mine;
        }
    }

    private void Run()
    {
        while (true)
        {
            TaskCompletionSource turn;
            lock (_gate)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }

                (turn, _next) = (_next, null);
            }

            try
            {
                Durability.SyncFolder(folder);
                turn.SetResult();
            }
            catch (IOException e)
            {
                turn.SetException(e);
            }
        }
    }
}
