using System.Collections.Immutable;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Connections;

/// <summary>The one writer of connections and API destinations: a change is durable before anybody sees it.</summary>
public sealed class ConnectionRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ConnectionSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public ConnectionRegistry(Database database)
    {
        _database = database;
        _current = new(
            database.Read(ConnectionStore.Connections).ToImmutableDictionary(static connection => connection.Name),
            database.Read(ConnectionStore.Destinations).ToImmutableDictionary(static destination => destination.Name));
    }

    /// <summary>What there is.</summary>
    public ConnectionSnapshot Current => _current;

    /// <summary>Makes, changes or removes a connection.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">Gets what there is when the turn comes, and returns what shall be; <see langword="null"/> removes it. May throw to refuse.</param>
    /// <returns>The connection; of a removed one what it was.</returns>
    public Task<Connection?> ChangeAsync(ScopedName name, Func<Connection?, Connection?> change) => ChangeAsync(
        name, change, static snapshot => snapshot.Connections, static (snapshot, all) => snapshot with { Connections = all }, ConnectionStore.Put, ConnectionStore.Remove);

    /// <summary>Makes, changes or removes an API destination.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">Gets what there is when the turn comes, and returns what shall be; <see langword="null"/> removes it. May throw to refuse.</param>
    /// <returns>The API destination; of a removed one what it was.</returns>
    public Task<ApiDestination?> ChangeAsync(ScopedName name, Func<ApiDestination?, ApiDestination?> change) => ChangeAsync(
        name, change, static snapshot => snapshot.Destinations, static (snapshot, all) => snapshot with { Destinations = all }, ConnectionStore.Put, ConnectionStore.Remove);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<T?> ChangeAsync<T>(
        ScopedName name,
        Func<T?, T?> change,
        Func<ConnectionSnapshot, ImmutableDictionary<ScopedName, T>> of,
        Func<ConnectionSnapshot, ImmutableDictionary<ScopedName, T>, ConnectionSnapshot> with,
        Action<SqlSession, T> put,
        Action<SqlSession, T> remove)
        where T : class
    {
        await _turn.WaitAsync();
        try
        {
            var before = of(_current).GetValueOrDefault(name);
            var after = change(before);
            if (after is null && before is not null)
            {
                await _database.WriteAsync(session => remove(session, before), CancellationToken.None);
                _current = with(_current, of(_current).Remove(name));
            }
            else if (after is not null && !ReferenceEquals(after, before))
            {
                await _database.WriteAsync(session => put(session, after), CancellationToken.None);
                _current = with(_current, of(_current).SetItem(name, after));
            }

            return after ?? before;
        }
        finally
        {
            _turn.Release();
        }
    }
}
