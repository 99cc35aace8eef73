using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions;

/// <summary>The one writer of functions: a change is durable in the store before the table shows it.</summary>
public sealed class FunctionRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Loads what is deployed.</summary>
    /// <param name="database">The open store.</param>
    public FunctionRegistry(Database database)
    {
        _database = database;
        Table = new();
        Table.Publish(database.Read(FunctionStore.Load));
    }

    /// <summary>What readers see.</summary>
    public FunctionTable Table { get; }

    /// <summary>Changes one function. Changes of all callers are made one after the other.</summary>
    /// <param name="key">Which.</param>
    /// <param name="change">Gets the function as it is (<see langword="null"/> when absent) and returns it as it shall be (<see langword="null"/> to delete). May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <returns>The function as it is now.</returns>
    public async Task<Function?> ChangeAsync(FunctionKey key, Func<Function?, Function?> change, CancellationToken cancellationToken)
    {
        Function? result = null;
        await ApplyAsync(
            snapshot =>
            {
                var old = snapshot.Functions.GetValueOrDefault(key);
                result = change(old);
                return ReferenceEquals(old, result) ? new()
                    : result is null ? new() { Remove = [key] }
                    : new() { Put = [result] };
            },
            cancellationToken);
        return result;
    }

    /// <summary>Changes many functions, and with them other rows, in one transaction.</summary>
    /// <param name="put">Functions to put in place or replace.</param>
    /// <param name="remove">Functions to remove.</param>
    /// <param name="also">Other rows to write in the same transaction.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(
        IReadOnlyCollection<Function> put, IReadOnlyCollection<FunctionKey> remove, Action<SqlSession>? also, CancellationToken cancellationToken) =>
        ApplyAsync(_ => new() { Put = put, Remove = remove, Also = also }, cancellationToken);

    /// <summary>Changes many functions, and with them other rows, in one transaction, planned from what is deployed when the turn comes.</summary>
    /// <param name="plan">Gets what is deployed and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<FunctionSnapshot, FunctionChanges> plan, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = Table.Current;
            var changes = plan(before);
            if (changes is { Put.Count: 0, Remove.Count: 0, Also: null })
            {
                return;
            }

            await _database.WriteAsync(session => Write(session, changes, before), CancellationToken.None);
            var snapshot = before;
            foreach (var key in changes.Remove)
            {
                snapshot = snapshot.Without(key);
            }

            foreach (var function in changes.Put)
            {
                snapshot = snapshot.With(function);
            }

            Table.Publish(snapshot);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private static void Write(SqlSession session, FunctionChanges changes, FunctionSnapshot before)
    {
        foreach (var key in changes.Remove)
        {
            FunctionStore.Remove(session, key);
        }

        foreach (var function in changes.Put)
        {
            FunctionStore.Put(session, function, before.Functions.GetValueOrDefault(function.Key));
        }

        changes.Also?.Invoke(session);
    }
}
