using System.Globalization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The table of what fires when: one row for each thing that fires, with its next time and the events that its last time made.</summary>
internal static class ScheduleStore
{
    /// <summary>The table as its migration makes it; <see cref="SchedulerStore.Schema"/> adds to it. Times are in milliseconds since 1970.</summary>
    public const string Schema = """
        CREATE TABLE schedules (arn TEXT NOT NULL PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX schedules_due ON schedules (due, arn);
        """;

    /// <summary>Sets the next time of something. What its last time made is kept.</summary>
    public static void Put(SqlSession session, string arn, Occurrence next) => session.Execute(
        "INSERT INTO schedules (arn, due, at) VALUES ($arn, $due, $at) ON CONFLICT (arn) DO UPDATE SET due = excluded.due, at = excluded.at",
        ("$arn", arn),
        ("$due", next.Due.ToUnixTimeMilliseconds()),
        ("$at", next.At.ToUnixTimeMilliseconds()));

    /// <summary>Keeps which events something has made.</summary>
    public static void PutMade(SqlSession session, string arn, IEnumerable<long> events) => session.Execute(
        "UPDATE schedules SET made = $made WHERE arn = $arn",
        ("$arn", arn),
        ("$made", string.Join(',', events)));

    /// <summary>The events that something made at its last time.</summary>
    public static IEnumerable<long> Made(SqlSession session, string arn) =>
        ((string?)session.Scalar("SELECT made FROM schedules WHERE arn = $arn", ("$arn", arn)) ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(static id => long.Parse(id, CultureInfo.InvariantCulture));

    /// <summary>Something fires no more.</summary>
    public static void Remove(SqlSession session, string arn) => session.Execute("DELETE FROM schedules WHERE arn = $arn", ("$arn", arn));

    /// <summary>What fires first, by its time.</summary>
    public static List<(string Arn, Occurrence Next)> Next(SqlSession session, int most) => session.Query(
        "SELECT arn, at, due FROM schedules ORDER BY due, arn LIMIT $most",
        static row => (row.GetString(0), new Occurrence(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))),
        ("$most", most));
}
