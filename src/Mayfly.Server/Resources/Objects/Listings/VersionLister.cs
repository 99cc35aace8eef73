using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>Lists versions and delete markers, the newest of a key first.</summary>
internal static class VersionLister
{
    private const int FirstStep = 4;

    public static ObjectListing List(SqlSession session, long bucket, ListingQuery query)
    {
        var range = new KeyRange(query);
        var below = Start(session, bucket, query, range);
        var page = new ListingPage<ObjectVersion>(query.Max, static version => (version.Key, version.VersionId));
        for (var step = range.Groups ? FirstStep : query.Max + 1; !page.IsFull; step *= 4)
        {
            var limit = Math.Min(step, page.Room + 1);
            var within = below != long.MaxValue;
            var rows = within ? Rest(session, bucket, range.From, below, limit) : Following(session, bucket, range, limit);
            var grouped = false;
            foreach (var row in rows)
            {
                var key = ObjectKey.Text(row.Version.Key);
                var group = range.GroupOf(key);
                page.Add(row.Version, group);
                if (group is not null)
                {
                    range.GoBehind(key);
                    (below, grouped, step) = (long.MaxValue, true, 1);
                    break;
                }

                range.GoTo(key);
                below = row.Version.Sequence;
            }

            if (!grouped && rows.Count < limit)
            {
                if (!within)
                {
                    break;
                }

                range.GoTo([.. range.From, 0]);
                below = long.MaxValue;
            }
        }

        return new(page.Items, page.Prefixes, page.Next is not null, page.Next?.Key, page.Next?.Id);
    }

    // What is left of one key, however much of it was shown.
    private static List<ObjectRow> Rest(SqlSession session, long bucket, byte[] key, long below, int limit) => session.Query(
        $"SELECT {VersionStore.Columns} FROM object_versions WHERE bucket = $bucket AND key = $key AND sequence < $below ORDER BY sequence DESC LIMIT $limit",
        VersionStore.Read, ("$bucket", bucket), ("$key", key), ("$below", below), ("$limit", limit));

    private static List<ObjectRow> Following(SqlSession session, long bucket, KeyRange range, int limit) => session.Query(
        $"SELECT {VersionStore.Columns} FROM object_versions WHERE bucket = $bucket AND key >= $from AND key < $end ORDER BY key, sequence DESC LIMIT $limit",
        VersionStore.Read, ("$bucket", bucket), ("$from", range.From), ("$end", range.End), ("$limit", limit));

    // Goes behind the marker, and gives the sequence below which versions of the first key are shown.
    private static long Start(SqlSession session, long bucket, ListingQuery query, KeyRange range)
    {
        if (query.After.Length == 0)
        {
            return long.MaxValue;
        }

        var after = ObjectKey.Text(query.After);
        if (query.AfterVersion is not { Length: > 0 } version || range.GroupOf(after) is not null)
        {
            range.GoBehind(after);
            return long.MaxValue;
        }

        range.GoTo(after);
        if (range.From.AsSpan().SequenceCompareTo(after) > 0)
        {
            return long.MaxValue;
        }

        // A version null that is gone left no place: what is left of the key is shown again.
        return version == ObjectVersion.Null
            ? VersionStore.Find(session, bucket, after, version)?.Version.Sequence ?? long.MaxValue
            : VersionId.Sequence(version) ?? throw ObjectException.InvalidVersion(version);
    }
}
