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

    /// <summary>Writes a function, new or not.</summary>
    public static void Put(SqlSession session, Function function)
    {
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
    public static void Remove(SqlSession session, FunctionKey key) =>
        session.Execute(
            "DELETE FROM functions WHERE account = $account AND region = $region AND name = $name",
            ("$account", key.Account),
            ("$region", key.Region),
            ("$name", key.Name));

    /// <summary>Everything, as one snapshot.</summary>
    public static FunctionSnapshot Load(SqlSession session)
    {
        var strings = new SharedStrings();
        var functions = ImmutableDictionary.CreateBuilder<FunctionKey, Function>();
        var urls = FunctionSnapshot.Empty.Urls.ToBuilder();
        session.Query(
            "SELECT account, region, name, document FROM functions",
            row =>
            {
                var key = new FunctionKey(strings.Share(row.GetString(0)), strings.Share(row.GetString(1)), row.GetString(2));
                var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(3), FunctionJson.Default.FunctionDocument)
                    ?? throw new StoreException($"The row of {key} is empty.");
                var function = document.ToFunction(key, strings);
                functions.Add(key, function);
                if (function.Url is not null)
                {
                    urls[function.Url.Id] = key;
                }

                return true;
            });
        return new(functions.ToImmutable(), urls.ToImmutable());
    }
}
