using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Storage;

/// <summary>
/// The server's one database file. Readers work at the same time on connections of their own;
/// all writes go through one <see cref="Writer"/>, and a write that has completed is on disk.
/// </summary>
public sealed partial class Database : IDisposable
{
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqlSession> _readers = [];
    private readonly Writer _writer;
    private volatile bool _closed;

    private Database(string connectionString, Writer writer)
    {
        _connectionString = connectionString;
        _writer = writer;
    }

    /// <summary>Opens the store, makes it when it is absent, and brings its schema up to date.</summary>
    /// <param name="folder">The store's folder; the file in it is <c>store.db</c>.</param>
    /// <param name="migrations">Every step from nothing to the newest schema, in order.</param>
    /// <param name="logger">Told of migrations.</param>
    /// <exception cref="StoreException">The store is newer than this program, or not a store.</exception>
    public static Database Open(string folder, IReadOnlyList<Migration> migrations, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "store.db");
        CreateFile(file);
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 30 }.ToString();
        SqlSession? session = null;
        try
        {
            session = Connect(connectionString);
            session.ExecuteOnce("PRAGMA journal_mode = WAL");
            var from = Migrator.MigrateForward(session, file, migrations);
            if (from != migrations.Count)
            {
                Log.Migrated(logger, file, from, migrations.Count);
            }

            return new(connectionString, new Writer(session, logger));
        }
        catch (SqliteException e)
        {
            session?.Dispose();
            throw StoreException.Of(e) ?? new StoreException(
                $"The store {file} cannot be opened: {e.Message} If another program damaged it, put a backup in its place; to start from nothing, move it away.", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Reads. What the function sees is one consistent state only within one statement.</summary>
    public T Read<T>(Func<SqlSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!_readers.TryTake(out var session))
        {
            session = Connect(_connectionString);
            session.ExecuteOnce("PRAGMA query_only = ON");
        }

        try
        {
            return read(session);
        }
        finally
        {
            _readers.Add(session);
            if (_closed)
            {
                CloseReaders();
            }
        }
    }

    /// <summary>
    /// Writes. The action runs on the writer's thread, after those that were given before it, and must not wait for anything.
    /// What it throws undoes its own statements alone. The task completes once the write is on disk.
    /// </summary>
    /// <param name="write">The action.</param>
    /// <param name="cancellationToken">Withdraws an action that has not begun.</param>
    public Task<T> WriteAsync<T>(Func<SqlSession, T> write, CancellationToken cancellationToken) => _writer.Enqueue(write, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}" />
    public Task WriteAsync(Action<SqlSession> write, CancellationToken cancellationToken) =>
        _writer.Enqueue(
            session =>
            {
                write(session);
                return true;
            },
            cancellationToken);

    /// <summary>Finishes the writes that were given, and closes the file.</summary>
    public void Dispose()
    {
        _closed = true;
        CloseReaders();
        _writer.Dispose();
    }

    /// <summary>SQLite gives its side files the mode of the database file, so it is enough to make that one private.</summary>
    internal static void CreateFile(string file)
    {
        if (File.Exists(file))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var created = new FileStream(file, options);
    }

    private static SqlSession Connect(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            var session = new SqlSession(connection);

            // FULL: in WAL mode each commit is synced, so what was acknowledged outlives a power cut and not only a crash.
            session.ExecuteOnce("PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CloseReaders()
    {
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Information, "Store {File} brought from schema {From} to {To}")]
        public static partial void Migrated(ILogger logger, string file, int from, int to);
    }
}
