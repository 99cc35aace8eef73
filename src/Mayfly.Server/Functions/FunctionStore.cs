using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions;

/// <summary>The functions' table: one row a function, its settings, code and URL as one JSON document.</summary>
internal static class FunctionStore
{
    /// <summary>The table as migration 1 makes it.</summary>
    public const string Schema = """
        CREATE TABLE functions (
            account  TEXT NOT NULL,
            region   TEXT NOT NULL,
            name     TEXT NOT NULL,
            document BLOB NOT NULL,
            created  INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            PRIMARY KEY (account, region, name)
        ) WITHOUT ROWID;
        """;

    /// <summary>The table of published versions as its migration makes it.</summary>
    public const string VersionsSchema = """
        CREATE TABLE function_versions (
            account  TEXT NOT NULL,
            region   TEXT NOT NULL,
            name     TEXT NOT NULL,
            version  INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (account, region, name, version)
        ) WITHOUT ROWID;
        """;

    /// <summary>Writes a function, new or not, and those of its versions that differ from what is stored.</summary>
    /// <param name="session">The open transaction.</param>
    /// <param name="function">As it shall be.</param>
    /// <param name="old">As it is stored; <see langword="null"/> when it is not.</param>
    public static void Put(SqlSession session, Function function, Function? old)
    {
        PutVersions(session, function, old);
        var modified = function.Latest.LastModified.ToUnixTimeMilliseconds();
        session.Execute(
            """
            INSERT INTO functions (account, region, name, document, created, modified)
            VALUES ($account, $region, $name, $document, $modified, $modified)
            ON CONFLICT (account, region, name) DO UPDATE SET document = excluded.document, modified = excluded.modified
            """,
            ("$account", function.Key.Account),
            ("$region", function.Key.Region),
            ("$name", function.Key.Name),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(FunctionDocument.Of(function), FunctionJson.Default.FunctionDocument)),
            ("$modified", modified));
    }

    /// <summary>Removes a function, if it is there.</summary>
    public static void Remove(SqlSession session, FunctionKey key)
    {
        session.Execute(
            "DELETE FROM functions WHERE account = $account AND region = $region AND name = $name",
            ("$account", key.Account),
            ("$region", key.Region),
            ("$name", key.Name));
        session.Execute(
            "DELETE FROM function_versions WHERE account = $account AND region = $region AND name = $name",
            ("$account", key.Account),
            ("$region", key.Region),
            ("$name", key.Name));
    }

    /// <summary>Everything, as one snapshot.</summary>
    public static FunctionSnapshot Load(SqlSession session)
    {
        var strings = new SharedStrings();
        var functions = ImmutableDictionary.CreateBuilder<FunctionKey, Function>();
        var urls = FunctionSnapshot.Empty.Urls.ToBuilder();
        var versions = LoadVersions(session, strings);
        session.Query(
            "SELECT account, region, name, document FROM functions",
            row =>
            {
                var key = new FunctionKey(strings.Share(row.GetString(0)), strings.Share(row.GetString(1)), row.GetString(2));
                var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(3), FunctionJson.Default.FunctionDocument)
                    ?? throw new StoreException($"The row of {key} is empty.");
                var function = document.ToFunction(key, versions.GetValueOrDefault(key), strings);
                functions.Add(key, function);
                urls.AddRange(FunctionSnapshot.UrlsOf(function));
                return true;
            });
        return new(functions.ToImmutable(), urls.ToImmutable())
        {
            Provisioned = [.. functions.Values.Where(static function => function.Provisioned > 0).Select(static function => function.Key)],
        };
    }

    private static void PutVersions(SqlSession session, Function function, Function? old)
    {
        if (ReferenceEquals(function.Versions, old?.Versions))
        {
            return;
        }

        foreach (var gone in old?.Versions.Keys.Where(number => !function.Versions.ContainsKey(number)) ?? [])
        {
            session.Execute(
                "DELETE FROM function_versions WHERE account = $account AND region = $region AND name = $name AND version = $version",
                ("$account", function.Key.Account),
                ("$region", function.Key.Region),
                ("$name", function.Key.Name),
                ("$version", gone));
        }

        foreach (var (number, revision) in function.Versions)
        {
            if (!ReferenceEquals(revision, old?.Versions.GetValueOrDefault(number)))
            {
                session.Execute(
                    """
                    INSERT INTO function_versions (account, region, name, version, document)
                    VALUES ($account, $region, $name, $version, $document)
                    ON CONFLICT (account, region, name, version) DO UPDATE SET document = excluded.document
                    """,
                    ("$account", function.Key.Account),
                    ("$region", function.Key.Region),
                    ("$name", function.Key.Name),
                    ("$version", number),
                    ("$document", JsonSerializer.SerializeToUtf8Bytes(RevisionDocument.Of(revision), FunctionJson.Default.RevisionDocument)));
            }
        }
    }

    private static Dictionary<FunctionKey, ImmutableSortedDictionary<int, Revision>.Builder> LoadVersions(SqlSession session, SharedStrings strings)
    {
        var all = new Dictionary<FunctionKey, ImmutableSortedDictionary<int, Revision>.Builder>();
        session.Query(
            "SELECT account, region, name, version, document FROM function_versions",
            row =>
            {
                var key = new FunctionKey(strings.Share(row.GetString(0)), strings.Share(row.GetString(1)), row.GetString(2));
                var number = row.GetInt32(3);
                var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(4), FunctionJson.Default.RevisionDocument)
                    ?? throw new StoreException($"The row of version {number} of {key} is empty.");
                if (!all.TryGetValue(key, out var versions))
                {
                    all.Add(key, versions = ImmutableSortedDictionary.CreateBuilder<int, Revision>());
                }

                versions.Add(number, document.ToRevision(key, number.ToString(System.Globalization.CultureInfo.InvariantCulture), strings));
                return true;
            });
        return all;
    }
}
