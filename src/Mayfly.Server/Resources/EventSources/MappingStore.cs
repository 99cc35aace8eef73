using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>The tables of event source mappings and brokers: one row each, as a JSON document. Passwords of brokers are in it as they are: the store's folder is the server's alone.</summary>
internal static class MappingStore
{
    /// <summary>The tables as their migration makes them.</summary>
    public const string Schema = """
        CREATE TABLE event_sources (uuid TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE brokers (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>Writes a mapping, new or not.</summary>
    public static void Put(SqlSession session, EventSourceMapping mapping) => session.Execute(
        "INSERT INTO event_sources (uuid, document) VALUES ($uuid, $document) ON CONFLICT (uuid) DO UPDATE SET document = excluded.document",
        ("$uuid", mapping.Uuid),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(mapping, MappingJson.Default.EventSourceMapping)));

    /// <summary>Writes a broker, new or not.</summary>
    public static void Put(SqlSession session, Broker broker) => session.Execute(
        "INSERT INTO brokers (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", broker.Key.ToString()),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(broker, MappingJson.Default.Broker)));

    /// <summary>Removes a mapping, if it is there.</summary>
    public static void Remove(SqlSession session, string uuid) => session.Execute("DELETE FROM event_sources WHERE uuid = $uuid", ("$uuid", uuid));

    /// <summary>Removes a broker, if it is there.</summary>
    public static void Remove(SqlSession session, in BrokerKey key) => session.Execute("DELETE FROM brokers WHERE arn = $arn", ("$arn", key.ToString()));

    /// <summary>Every mapping.</summary>
    public static MappingSnapshot Mappings(SqlSession session) => MappingSnapshot.Empty.With(session.Query(
        "SELECT document FROM event_sources",
        static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), MappingJson.Default.EventSourceMapping) ?? throw new StoreException("The row of an event source mapping is empty.")));

    /// <summary>Every broker.</summary>
    public static BrokerSnapshot Brokers(SqlSession session) => BrokerSnapshot.Empty.With(session.Query(
        "SELECT document FROM brokers",
        static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), MappingJson.Default.Broker) ?? throw new StoreException("The row of a broker is empty.")));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventSourceMapping))]
[JsonSerializable(typeof(Broker))]
internal sealed partial class MappingJson : JsonSerializerContext;
