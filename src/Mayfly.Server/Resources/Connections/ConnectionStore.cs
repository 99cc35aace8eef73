using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Connections;

/// <summary>The tables of connections and API destinations: one row each, as a JSON document. Secrets are in it as they are: the store's folder is the server's alone.</summary>
internal static class ConnectionStore
{
    /// <summary>The tables as their migration makes them.</summary>
    public const string Schema = """

        CREATE TABLE event_connections (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE event_api_destinations (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;

        """;

    /// <summary>Writes a connection, new or not.</summary>
    public static void Put(SqlSession session, Connection connection) => session.Execute(
        "INSERT INTO event_connections (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", connection.Arn),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(connection, ConnectionJson.Default.Connection)));

    /// <summary>Writes an API destination, new or not.</summary>
    public static void Put(SqlSession session, ApiDestination destination) => session.Execute(
        "INSERT INTO event_api_destinations (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", destination.Arn),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(destination, ConnectionJson.Default.ApiDestination)));

    /// <summary>Removes a connection.</summary>
    public static void Remove(SqlSession session, Connection connection) => session.Execute("DELETE FROM event_connections WHERE arn = $arn", ("$arn", connection.Arn));

    /// <summary>Removes an API destination.</summary>
    public static void Remove(SqlSession session, ApiDestination destination) => session.Execute("DELETE FROM event_api_destinations WHERE arn = $arn", ("$arn", destination.Arn));

    /// <summary>Every connection.</summary>
    public static List<Connection> Connections(SqlSession session) => session.Query(
        "SELECT document FROM event_connections",
        static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ConnectionJson.Default.Connection) ?? throw new StoreException("The row of a connection is empty."));

    /// <summary>Every API destination.</summary>
    public static List<ApiDestination> Destinations(SqlSession session) => session.Query(
        "SELECT document FROM event_api_destinations",
        static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ConnectionJson.Default.ApiDestination) ?? throw new StoreException("The row of an API destination is empty."));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(ApiDestination))]
internal sealed partial class ConnectionJson : JsonSerializerContext;
