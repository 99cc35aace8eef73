using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Queues;

/// <summary>Moves the messages of dead-letter queues back. How far a task is, is written in the transaction that moves: so it goes on where it was.</summary>
/// <param name="database">The store.</param>
/// <param name="registry">The queues.</param>
/// <param name="engine">What is told of messages that moved.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of steps that failed.</param>
public sealed partial class MoveTasks(Database database, QueueRegistry registry, QueueEngine engine, TimeProvider time, ILogger<MoveTasks> log)
{
    /// <summary>So many tasks of a queue are kept.</summary>
    public const int Kept = 10;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DueSignal _signal = new(time);

    /// <summary>Starts a task. When this completes it is durable, and goes on after a restart.</summary>
    /// <param name="source">The dead-letter queue.</param>
    /// <param name="destination">Where they go; <see langword="null"/>: each to where it came from.</param>
    /// <param name="perSecond">Most messages a second.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <exception cref="QueueException">A queue is not there, the source is nobody's dead-letter queue, or has a task.</exception>
    public async Task<MoveTask> StartAsync(QueueKey source, QueueKey? destination, int? perSecond, CancellationToken cancellationToken)
    {
        var queues = registry.Current;
        foreach (var key in destination is { } to ? [source, to] : new[] { source })
        {
            _ = queues.Find(key) ?? throw new QueueException(QueueError.NonExistentQueue, key);
        }

        if (!queues.SourcesOf(source).Any())
        {
            throw new QueueException(QueueError.NotDeadLetterQueue, source);
        }

        var counts = engine.Count(source);
        var task = new MoveTask
        {
            Id = Guid.NewGuid().ToString(),
            Source = source,
            Destination = destination,
            PerSecond = perSecond,
            Started = time.GetUtcNow(),
            ToMove = counts.Visible + counts.InFlight + counts.Delayed,
        };
        await database.WriteAsync(
            session =>
            {
                if (MoveStore.Running(session).Exists(running => running.Source == source))
                {
                    throw new QueueException(QueueError.MoveTaskRunning, source);
                }

                MoveStore.Put(session, task with { UpTo = SweepStore.Last(session) });
                MoveStore.Prune(session, source, Kept);
            },
            cancellationToken);
        _signal.Wake();
        return task;
    }

    /// <summary>The tasks of a queue, the newest first.</summary>
    public IReadOnlyList<MoveTask> List(QueueKey source, int most) => database.Read(session => MoveStore.Of(session, source, most));

    /// <summary>Stops a task.</summary>
    /// <returns>The task as it ended.</returns>
    /// <exception cref="QueueException">There is no such task that runs.</exception>
    public Task<MoveTask> CancelAsync(string id, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var task = MoveStore.Find(session, id);
            if (task is not { Status: MoveTaskStatus.Running })
            {
                throw new QueueException(QueueError.NoMoveTask, task?.Source ?? default);
            }

            task = task with { Status = MoveTaskStatus.Cancelled };
            MoveStore.Put(session, task);
            return task;
        },
        cancellationToken);

    /// <summary>Works on the tasks.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var next = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        while (!stopping.IsCancellationRequested)
        {
            _signal.Look();
            var sleep = DueSignal.LongestSleep;
            try
            {
                foreach (var task in database.Read(MoveStore.Running))
                {
                    if (next.GetValueOrDefault(task.Id) is var due && due <= time.GetUtcNow())
                    {
                        await StepAsync(task.Id);
                        due = task.PerSecond is null ? default : time.GetUtcNow() + Second;
                        next[task.Id] = due;
                    }

                    sleep = due - time.GetUtcNow() is { Ticks: > 0 } left ? left < sleep ? left : sleep : TimeSpan.Zero;
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(log, e);
                sleep = DueSignal.AfterFailure;
            }

            if (sleep > TimeSpan.Zero)
            {
                await _signal.WaitAsync(sleep, stopping);
            }
        }
    }

    private async Task StepAsync(string id)
    {
        var step = await database.WriteAsync(session => MoveStep.Run(session, id, time.GetUtcNow()), CancellationToken.None);
        foreach (var (generation, count) in step.Changes)
        {
            engine.States.Of(generation).Add(count);
            if (count > 0)
            {
                engine.States.Of(generation).Look(count);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5402, LogLevel.Error, "Moving messages failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
