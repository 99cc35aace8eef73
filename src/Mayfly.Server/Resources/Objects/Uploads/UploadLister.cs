using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>Lists the uploads of a bucket that have not ended.</summary>
internal static class UploadLister
{
    private const int Step = 100;

    public static UploadListing List(SqlSession session, long bucket, ListingQuery query)
    {
        var range = new KeyRange(query);
        var above = 0L;
        if (query.After.Length > 0)
        {
            var after = ObjectKey.Text(query.After);
            above = query.AfterVersion is { Length: > 0 } id && range.GroupOf(after) is null ? VersionId.Sequence(id) ?? 0 : 0;
            if (above > 0)
            {
                range.GoTo(after);
                above = range.From.AsSpan().SequenceEqual(after) ? above : 0;
            }
            else
            {
                range.GoBehind(after);
            }
        }

        var page = new ListingPage<MultipartUpload>(query.Max, static upload => (upload.Key, upload.Id));
        while (!page.IsFull)
        {
            var rows = UploadStore.List(session, bucket, range, above, Step);
            var grouped = false;
            foreach (var upload in rows.TakeWhile(_ => !grouped))
            {
                var key = ObjectKey.Text(upload.Key);
                var group = range.GroupOf(key);
                page.Add(upload, group);
                if (group is not null)
                {
                    range.GoBehind(key);
                    (above, grouped) = (0, true);
                }
                else
                {
                    range.GoTo(key);
                    above = VersionId.Sequence(upload.Id) ?? 0;
                }
            }

            if (!grouped && rows.Count < Step)
            {
                break;
            }
        }

        return new(page.Items, page.Prefixes, page.Next is not null, page.Next?.Key, page.Next?.Id);
    }
}
