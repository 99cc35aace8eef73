using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>Lists objects: along the index, over groups in one step each, so it costs what it shows.</summary>
internal static class ObjectLister
{
    // With a delimiter the next key may belong to a group, and what is read behind it is in vain.
    private const int FirstStep = 4;

    public static ObjectListing List(SqlSession session, long bucket, ListingQuery query)
    {
        var range = new KeyRange(query);
        if (query.After.Length > 0)
        {
            range.GoBehind(ObjectKey.Text(query.After));
        }

        var page = new ListingPage<ObjectVersion>(query.Max, static version => (version.Key, version.VersionId));
        for (var step = range.Groups ? FirstStep : query.Max + 1; !page.IsFull; step *= 4)
        {
            var limit = Math.Min(step, page.Room + 1);
            var rows = session.Query(
                $"SELECT {VersionStore.Columns} FROM object_versions WHERE bucket = $bucket AND latest = 1 AND marker = 0 AND key >= $from AND key < $end ORDER BY key LIMIT $limit",
                VersionStore.Read, ("$bucket", bucket), ("$from", range.From), ("$end", range.End), ("$limit", limit));
            var grouped = false;
            foreach (var row in rows)
            {
                var key = ObjectKey.Text(row.Version.Key);
                var group = range.GroupOf(key);
                page.Add(row.Version, group);
                range.GoBehind(key);
                if (group is not null)
                {
                    (grouped, step) = (true, 1);
                    break;
                }
            }

            if (!grouped && rows.Count < limit)
            {
                break;
            }
        }

        return new(page.Items, page.Prefixes, page.Next is not null, page.Next?.Key, null);
    }
}
