namespace Mayfly.Server.Invocation;

/// <summary>
/// Runs what may wait for a disk, a process or a long lock on the thread pool. What a socket brings is handled on the
/// thread that reads all sockets, so that a warm call changes threads nowhere; whatever could hold that thread up comes here,
/// and stays: everything that it awaits goes on here too.
/// </summary>
public sealed class PoolScheduler : TaskScheduler
{
    private static readonly PoolScheduler Instance = new();

    private PoolScheduler()
    {
    }

    /// <summary>Runs work on the pool.</summary>
    public static Task RunAsync(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Instance).Unwrap();

    /// <inheritdoc cref="RunAsync(Func{Task})" />
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Instance).Unwrap();

    /// <inheritdoc />
    protected override void QueueTask(Task task) => ThreadPool.UnsafeQueueUserWorkItem(static task => Instance.TryExecuteTask(task), task, preferLocal: true);

    /// <inheritdoc />
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => Thread.CurrentThread.IsThreadPoolThread && TryExecuteTask(task);

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
