using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The tables of buses and rules: one row each, as a JSON document.</summary>
internal static class BusStore
{
    /// <summary>The tables as their migration makes them.</summary>
    public const string Schema = """
        CREATE TABLE event_buses (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE event_rules (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>Writes a bus, new or not.</summary>
    public static void Put(SqlSession session, EventBus bus) => session.Execute(
        "INSERT INTO event_buses (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", bus.Key.Arn),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(bus, BusJson.Default.EventBus)));

    /// <summary>Writes a rule, new or not.</summary>
    public static void Put(SqlSession session, EventRule rule) => session.Execute(
        "INSERT INTO event_rules (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", rule.Key.Arn),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(rule, BusJson.Default.EventRule)));

    /// <summary>Removes a bus, if it is there.</summary>
    public static void Remove(SqlSession session, in BusKey key) => session.Execute("DELETE FROM event_buses WHERE arn = $arn", ("$arn", key.Arn));

    /// <summary>Removes a rule, if it is there.</summary>
    public static void Remove(SqlSession session, in RuleKey key) => session.Execute("DELETE FROM event_rules WHERE arn = $arn", ("$arn", key.Arn));

    /// <summary>Everything.</summary>
    public static BusSnapshot Load(SqlSession session) => BusSnapshot.Empty.With(
        Read(session, "SELECT document FROM event_buses", BusJson.Default.EventBus),
        Read(session, "SELECT document FROM event_rules", BusJson.Default.EventRule),
        Read(session, "SELECT document FROM event_archives", BusJson.Default.EventArchive));

    private static List<T> Read<T>(SqlSession session, string sql, JsonTypeInfo<T> type) =>
        session.Query(sql, row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), type) ?? throw new StoreException($"A row of '{sql}' is empty."));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventBus))]
[JsonSerializable(typeof(EventRule))]
[JsonSerializable(typeof(EventArchive))]
internal sealed partial class BusJson : JsonSerializerContext;
