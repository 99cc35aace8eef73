namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>
/// Who reads objects of many files, which are opened one after the other. A file that no row names any more is deleted only when
/// everybody has ended who may have read the row before.
/// </summary>
internal sealed class BlobReaders
{
    private readonly Lock _gate = new();
    private readonly SortedSet<long> _active = [];
    private readonly List<(long Last, TaskCompletionSource Gone)> _waiting = [];
    private long _last;

    /// <summary>Begins to read; to be called before the row is read.</summary>
    public long Enter()
    {
        lock (_gate)
        {
            _active.Add(++_last);
            return _last;
        }
    }

    /// <summary>Ends reading.</summary>
    public void Leave(long reader)
    {
        lock (_gate)
        {
            _active.Remove(reader);
            _waiting.RemoveAll(one => !HasUpTo(one.Last) && one.Gone.TrySetResult());
        }
    }

    /// <summary>Completes when everybody has ended who reads now.</summary>
    public Task GoneAsync()
    {
        lock (_gate)
        {
            if (_active.Count == 0)
            {
                return Task.CompletedTask;
            }

            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((_last, gone));
            return gone.Task;
        }
    }

    private bool HasUpTo(long last) => _active.Count > 0 && _active.Min <= last;
}
