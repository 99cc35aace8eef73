namespace Mayfly.Server.Storage;

/// <summary>A write action in the queue. Its caller hears of the end only after the commit.</summary>
internal abstract class PendingWrite
{
    /// <summary>What the action threw.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether its caller took it back before it began.</summary>
    public abstract bool Withdrawn { get; }

    public abstract void Run(SqlSession session);

    /// <summary>Tells the caller, once the transaction is committed.</summary>
    public abstract void Settle();

    /// <summary>Tells the caller that the transaction was not committed.</summary>
    public abstract void Fail(StoreException exception);
}

/// <inheritdoc />
internal sealed class PendingWrite<T>(Func<SqlSession, T> write, CancellationToken cancellationToken) : PendingWrite
{
    // Continuations never run on the writer's thread: one slow caller would hold up every commit.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private bool _ran;

    public Task<T> Task => _completion.Task;

    public override bool Withdrawn => cancellationToken.IsCancellationRequested;

    public override void Run(SqlSession session)
    {
        _ran = true;
        _result = write(session);
    }

    public override void Settle()
    {
        if (Failure is not null)
        {
            _completion.TrySetException(Failure);
        }
        else if (_ran)
        {
            _completion.TrySetResult(_result!);
        }
        else
        {
            _completion.TrySetCanceled(cancellationToken);
        }
    }

    public override void Fail(StoreException exception) => _completion.TrySetException(Failure ?? exception);
}
