using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The table of what fires when: one row for each thing that fires, with its next time.</summary>
internal static class ScheduleStore
{
    /// <summary>The table as its migration makes it. <c>due</c> is in milliseconds since 1970.</summary>
    public const string Schema = """
        CREATE TABLE schedules (arn TEXT NOT NULL PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX schedules_due ON schedules (due, arn);
        """;

    /// <summary>Sets the next time of something.</summary>
    public static void Put(SqlSession session, string arn, DateTimeOffset due) => session.Execute(
        "INSERT INTO schedules (arn, due) VALUES ($arn, $due) ON CONFLICT (arn) DO UPDATE SET due = excluded.due",
        ("$arn", arn),
        ("$due", due.ToUnixTimeMilliseconds()));

    /// <summary>Something fires no more.</summary>
    public static void Remove(SqlSession session, string arn) => session.Execute("DELETE FROM schedules WHERE arn = $arn", ("$arn", arn));

    /// <summary>What fires first, by its time.</summary>
    public static List<(string Arn, DateTimeOffset Due)> Next(SqlSession session, int most) => session.Query(
        "SELECT arn, due FROM schedules ORDER BY due, arn LIMIT $most",
        static row => (row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))),
        ("$most", most));
}
