using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Replays;

/// <summary>The table of replays: one row each, as a JSON document.</summary>
internal static class ReplayStore
{
    /// <summary>The table as its migration makes it. <c>ended</c> is in milliseconds since 1970; without it there is something left to do.</summary>
    public const string Schema = """

        CREATE TABLE event_replays (arn TEXT NOT NULL PRIMARY KEY, ended INTEGER, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX event_replays_open ON event_replays (arn) WHERE ended IS NULL;

        """;

    /// <summary>Writes a replay, new or not.</summary>
    public static void Put(SqlSession session, Replay replay) => session.Execute(
        "INSERT INTO event_replays (arn, ended, document) VALUES ($arn, $ended, $document) ON CONFLICT (arn) DO UPDATE SET ended = excluded.ended, document = excluded.document",
        ("$arn", replay.Key.Arn),
        ("$ended", replay.Ended?.ToUnixTimeMilliseconds()),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(replay, ReplayJson.Default.Replay)));

    /// <summary>A replay.</summary>
    public static Replay? Find(SqlSession session, in ReplayKey key) =>
        session.Query("SELECT document FROM event_replays WHERE arn = $arn", static row => Read(row.GetFieldValue<byte[]>(0)), ("$arn", key.Arn)).FirstOrDefault();

    /// <summary>Every replay.</summary>
    public static List<Replay> All(SqlSession session) => session.Query("SELECT document FROM event_replays", static row => Read(row.GetFieldValue<byte[]>(0)));

    /// <summary>The replays that have something left to do.</summary>
    public static List<Replay> Open(SqlSession session) =>
        session.Query("SELECT document FROM event_replays WHERE ended IS NULL ORDER BY arn", static row => Read(row.GetFieldValue<byte[]>(0)));

    /// <summary>Forgets replays that ended before a moment.</summary>
    public static void Trim(SqlSession session, DateTimeOffset before) =>
        session.Execute("DELETE FROM event_replays WHERE ended < $before", ("$before", before.ToUnixTimeMilliseconds()));

    private static Replay Read(byte[] document) => JsonSerializer.Deserialize(document, ReplayJson.Default.Replay) ?? throw new StoreException("The row of a replay is empty.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Replay))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class ReplayJson : JsonSerializerContext;
