using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The tables of groups and schedules: one row each, as a JSON document.</summary>
internal static class SchedulerStore
{
    /// <summary>The tables as their migration makes them, and what <see cref="ScheduleStore"/> keeps since then of each thing that fires.</summary>
    public const string Schema = """
        CREATE TABLE scheduler_groups (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE scheduler_schedules (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        ALTER TABLE schedules ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE schedules ADD COLUMN made TEXT NOT NULL DEFAULT '';
        UPDATE schedules SET at = due;
        """;

    /// <summary>Writes changes.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="before">What there is.</param>
    /// <param name="changes">What becomes true.</param>
    public static void Write(SqlSession session, SchedulerSnapshot before, SchedulerChanges changes)
    {
        foreach (var key in changes.RemoveSchedules.Concat(changes.RemoveGroups.SelectMany(before.SchedulesOf).Select(static schedule => schedule.Key)))
        {
            Remove(session, key);
        }

        foreach (var key in changes.RemoveGroups)
        {
            session.Execute("DELETE FROM scheduler_groups WHERE arn = $arn", ("$arn", key.Arn));
        }

        foreach (var group in changes.PutGroups)
        {
            session.Execute(
                "INSERT INTO scheduler_groups (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
                ("$arn", group.Key.Arn),
                ("$document", JsonSerializer.SerializeToUtf8Bytes(group, SchedulerJson.Default.ScheduleGroup)));
        }

        foreach (var schedule in changes.PutSchedules)
        {
            session.Execute(
                "INSERT INTO scheduler_schedules (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
                ("$arn", schedule.Key.Arn),
                ("$document", JsonSerializer.SerializeToUtf8Bytes(schedule, SchedulerJson.Default.Schedule)));
        }
    }

    /// <summary>Removes a schedule with its next time, if it is there.</summary>
    public static void Remove(SqlSession session, in ScheduleKey key)
    {
        session.Execute("DELETE FROM scheduler_schedules WHERE arn = $arn", ("$arn", key.Arn));
        ScheduleStore.Remove(session, key.Arn);
    }

    /// <summary>Everything.</summary>
    public static SchedulerSnapshot Load(SqlSession session) => SchedulerSnapshot.Empty.With(new()
    {
        PutGroups = Read(session, "SELECT document FROM scheduler_groups", SchedulerJson.Default.ScheduleGroup),
        PutSchedules = Read(session, "SELECT document FROM scheduler_schedules", SchedulerJson.Default.Schedule),
    });

    private static List<T> Read<T>(SqlSession session, string sql, JsonTypeInfo<T> type) =>
        session.Query(sql, row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), type) ?? throw new StoreException($"A row of '{sql}' is empty."));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ScheduleGroup))]
[JsonSerializable(typeof(Schedule))]
internal sealed partial class SchedulerJson : JsonSerializerContext;
