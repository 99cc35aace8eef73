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
    public async Task<Connection?> ChangeAsync(ScopedName name, Func<Connection?, Connection?> change)
    {
        await _turn.WaitAsync();
        try
        {
            var before = _current.Connections.GetValueOrDefault(name);
            var after = change(before);
            if (after is null && before is not null)
            {
                await _database.WriteAsync(session => ConnectionStore.Remove(session, before), CancellationToken.None);
                _current = _current with { Connections = _current.Connections.Remove(name) };
            }
            else if (after is not null && !ReferenceEquals(after, before))
            {
                await _database.WriteAsync(session => ConnectionStore.Put(session, after), CancellationToken.None);
                _current = _current with { Connections = _current.Connections.SetItem(name, after) };
            }

            return after ?? before;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes, changes or removes an API destination.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">Gets what there is when the turn comes, and returns what shall be; <see langword="null"/> removes it. May throw to refuse.</param>
    /// <returns>The API destination; of a removed one what it was.</returns>
    public async Task<ApiDestination?> ChangeAsync(ScopedName name, Func<ApiDestination?, ApiDestination?> change)
    {
        await _turn.WaitAsync();
        try
        {
            var before = _current.Destinations.GetValueOrDefault(name);
            var after = change(before);
            if (after is null && before is not null)
            {
                await _database.WriteAsync(session => ConnectionStore.Remove(session, before), CancellationToken.None);
                _current = _current with { Destinations = _current.Destinations.Remove(name) };
            }
            else if (after is not null)
            {
                await _database.WriteAsync(session => ConnectionStore.Put(session, after), CancellationToken.None);
                _current = _current with { Destinations = _current.Destinations.SetItem(name, after) };
            }

            return after ?? before;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}
