using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Storage;

/// <summary>
/// One connection with its prepared statements. Used by one caller at a time: a reader has it for the length of
/// <see cref="Database.Read{T}"/>, a write action for its turn on the writer's thread.
/// </summary>
public sealed partial class SqlSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    internal SqlSession(SqliteConnection connection) => _connection = connection;

    /// <summary>Whether no transaction is open: after some errors (disk full) SQLite has rolled back the whole of it.</summary>
    internal bool OutsideTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0;

    /// <summary>What the operating system said when SQLite last failed to read or write.</summary>
    internal int SystemError => SystemErrorOf(_connection.Handle!.DangerousGetHandle());

    /// <summary>Runs a statement and returns how many rows it changed. The text is prepared once, so it must be a constant.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Bind(sql, parameters).ExecuteNonQuery();

    /// <summary>Runs a query and calls <paramref name="row"/> for every row.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var rows = new List<T>();
        using var reader = Bind(sql, parameters).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>The first column of the first row; <see langword="null"/> when there is none.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Bind(sql, parameters).ExecuteScalar() is var value && value is DBNull ? null : value;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>Runs a text that is not worth keeping prepared, or that holds several statements.</summary>
    internal void ExecuteOnce(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Copies the whole database.</summary>
    internal void CopyTo(SqliteConnection target) => _connection.BackupDatabase(target);

    private SqliteCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _prepared.Add(sql, command);
        }

        // Whoever runs a text gives it the same names each time, or nearly.
        var bound = command.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            var (name, value) = parameters[i];
            if (i < bound.Count && bound[i].ParameterName == name)
            {
                bound[i].Value = value ?? DBNull.Value;
                continue;
            }

            while (bound.Count > i)
            {
                bound.RemoveAt(i);
            }

            bound.AddWithValue(name, value ?? DBNull.Value);
        }

        while (bound.Count > parameters.Length)
        {
            bound.RemoveAt(bound.Count - 1);
        }

        return command;
    }

    // The library has it, its binding for .NET has not.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_system_errno")]
    private static partial int SystemErrorOf(nint connection);
}
