using System.Collections.Immutable;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.CodeSigning;

/// <summary>The one writer of code signing configurations.</summary>
public sealed class CodeSigningRegistry : IDisposable
{
    private readonly Database _database;
    private readonly FunctionRegistry _functions;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ImmutableSortedDictionary<string, CodeSigningConfig> _current;

    /// <summary>Loads what is kept.</summary>
    /// <param name="database">The open store, the same that <paramref name="functions"/> writes to.</param>
    /// <param name="functions">Who uses them.</param>
    public CodeSigningRegistry(Database database, FunctionRegistry functions)
    {
        _database = database;
        _functions = functions;
        _current = database.Read(CodeSigningStore.Load);
    }

    /// <summary>All of them, by ARN.</summary>
    public ImmutableSortedDictionary<string, CodeSigningConfig> Current => _current;

    /// <summary>Makes one or changes it.</summary>
    /// <param name="arn">Which.</param>
    /// <param name="change">Gets it as it is (<see langword="null"/> when absent) and returns it as it shall be. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task<CodeSigningConfig> ChangeAsync(string arn, Func<CodeSigningConfig?, CodeSigningConfig> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var config = change(_current.GetValueOrDefault(arn));
            await _database.WriteAsync(session => CodeSigningStore.Put(session, config), CancellationToken.None);
            _current = _current.SetItem(arn, config);
            return config;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Removes one that no function uses.</summary>
    /// <param name="arn">Which.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <returns>The functions that use it, in which case nothing was changed.</returns>
    public async Task<IReadOnlyList<FunctionKey>> RemoveAsync(string arn, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        var before = _current;
        try
        {
            // In the functions' turn, so that none comes to use it meanwhile.
            IReadOnlyList<FunctionKey> users = [];
            await _functions.ApplyAsync(
                snapshot =>
                {
                    users = UsersOf(snapshot, arn);
                    if (users.Count > 0)
                    {
                        return new();
                    }

                    _current = before.Remove(arn);
                    return new() { Also = session => CodeSigningStore.Remove(session, arn) };
                },
                cancellationToken);
            return users;
        }
        catch
        {
            _current = before;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The functions that use one, by name.</summary>
    public static IReadOnlyList<FunctionKey> UsersOf(FunctionSnapshot snapshot, string arn) =>
        [.. snapshot.Functions.Values.Where(function => function.CodeSigning == arn).Select(static function => function.Key).OrderBy(static key => key.Name, StringComparer.Ordinal)];

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}
