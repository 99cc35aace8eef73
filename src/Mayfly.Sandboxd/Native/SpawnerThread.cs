using System.Collections.Concurrent;

namespace Mayfly.Sandboxd.Native;

/// <summary>A thread that lives as long as the process and does one thing after another.</summary>
/// <remarks>A child that dies with its parent dies with the thread that forked it, so no pool thread may start one.</remarks>
internal sealed class SpawnerThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    internal SpawnerThread(string name)
    {
        var thread = new Thread(Loop, 256 * 1024) { Name = name, IsBackground = true };
        thread.Start();
    }

    internal Task<T> RunAsync<T>(Func<T> step)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(step());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public void Dispose() => _work.CompleteAdding();

    private void Loop()
    {
        // What it starts inherits that: a function that is handed a call does not push the server off its processor, but begins on another one, or when the server is done.
        LibC.BecomeBatch();
        foreach (var step in _work.GetConsumingEnumerable())
        {
            step();
        }
    }
}
