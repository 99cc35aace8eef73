using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What a move task does in one transaction.</summary>
internal sealed class MoveStep
{
    private const int Most = 500;

    private readonly Dictionary<long, int> _changes = [];

    /// <summary>How many messages came and went, by generation.</summary>
    public IReadOnlyDictionary<long, int> Changes => _changes;

    /// <summary>Moves some messages of a task, and writes how far it is.</summary>
    public static MoveStep Run(SqlSession session, string id, DateTimeOffset now)
    {
        var step = new MoveStep();
        if (MoveStore.Find(session, id) is { Status: MoveTaskStatus.Running } task)
        {
            MoveStore.Put(session, step.Run(session, task, now.ToUnixTimeMilliseconds()));
        }

        return step;
    }

    private MoveTask Run(SqlSession session, MoveTask task, long now)
    {
        if (QueueStore.IdOf(session, task.Source) is not { } source)
        {
            return Failed(task);
        }

        var messages = task.Source.IsFifo
            ? MoveStore.NextOfLine(session, source, task.UpTo, now, task.PerSecond ?? Most)
            : MoveStore.Next(session, source, task.UpTo, now, task.PerSecond ?? Most);
        if (messages.Count == 0)
        {
            return task with { Status = MoveTaskStatus.Completed };
        }

        foreach (var message in messages)
        {
            var destination = task.Destination ?? (QueueKey.TryParse(message.Document.DeadLetterSource ?? "", out var origin) ? origin : task.Source);
            if (destination == task.Source || QueueStore.IdOf(session, destination) is not { } target)
            {
                task = Failed(task);
                break;
            }

            MessageStore.Move(session, source, message, Relocation.Redriven(target, message, now));
            _changes[source] = _changes.GetValueOrDefault(source) - 1;
            _changes[target] = _changes.GetValueOrDefault(target) + 1;
            task = task with { Moved = task.Moved + 1 };
        }

        if (messages[0].Line is { } line)
        {
            LineStore.Regroup(session, source, line, now);
        }

        return task;
    }

    private static MoveTask Failed(MoveTask task) => task with { Status = MoveTaskStatus.Failed, FailureReason = "AWS.SimpleQueueService.NonExistentQueue" };
}
