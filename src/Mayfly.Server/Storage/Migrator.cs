using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Storage;

/// <summary>Brings a store's schema forward. The number stands in <c>PRAGMA user_version</c>.</summary>
internal static class Migrator
{
    /// <summary>Applies what is missing in one transaction, after a backup when there is something to lose.</summary>
    /// <returns>The schema number that was found.</returns>
    /// <exception cref="StoreException">The store is newer than the newest migration.</exception>
    public static int MigrateForward(SqlSession session, string file, IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
            {
                throw new ArgumentException($"Migration {migrations[i].Number} stands at place {i + 1}.", nameof(migrations));
            }
        }

        var found = Convert.ToInt32(session.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (found > migrations.Count)
        {
            throw new StoreException(
                $"The store {file} has schema {found}, and this mayfly knows schemas up to {migrations.Count}: a newer mayfly wrote it. " +
                $"Run that version (or a later one), or put a backup of schema {migrations.Count} in its place: {BackupOf(file, migrations.Count)}");
        }

        if (found == migrations.Count)
        {
            return found;
        }

        if (found > 0)
        {
            BackUp(session, BackupOf(file, found));
        }

        session.ExecuteOnce("BEGIN IMMEDIATE");
        try
        {
            foreach (var migration in migrations.Skip(found))
            {
                session.ExecuteOnce(migration.Sql);
            }

            session.ExecuteOnce(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {migrations.Count}"));
            session.ExecuteOnce("COMMIT");
        }
        catch
        {
            if (!session.OutsideTransaction)
            {
                session.ExecuteOnce("ROLLBACK");
            }

            throw;
        }

        return found;
    }

    /// <summary>Where the copy lies that is made before a store of this schema is changed.</summary>
    internal static string BackupOf(string file, int schema) => string.Create(CultureInfo.InvariantCulture, $"{file}.schema-{schema}");

    private static void BackUp(SqlSession session, string backup)
    {
        // Into a new name first: an interrupted copy must never stand where a good one is looked for.
        var partial = backup + ".partial";
        File.Delete(partial);
        Database.CreateFile(partial);
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = partial, Pooling = false }.ToString()))
        {
            target.Open();
            session.CopyTo(target);
        }

        File.Move(partial, backup, overwrite: true);
    }
}
