using System.Text;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Listings;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class ListingTests : IAsyncDisposable
{
    private static readonly string[] Letters = ["a", "b", "/", "//", "-", "\u00e9", "\ue000", "\ud83d\ude00", "\0"];

    private readonly TemporaryFolder _folder = new();
    private readonly ObjectFixture _fixture;

    public ListingTests() => _fixture = new(_folder, new());

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pages_OfAnySize_ShowWhatANaiveListingShows()
    {
        var random = new Random(20260328);
        var bucket = await _fixture.BucketAsync();
        await FillAsync(bucket, random, 150);
        var keys = _fixture.Keys(bucket);
        keys.ShouldBe(keys.Order(Comparer<string>.Create(Compare)));
        for (var round = 0; round < 400; round++)
        {
            var query = new ListingQuery { Prefix = Some(random, 2), Delimiter = random.Next(3) == 0 ? "" : Letters[random.Next(3) + 2], After = random.Next(3) == 0 ? Some(random, 4) : "", Max = random.Next(1, 12) };
            var expected = Naive(keys, query);
            var listed = new List<string>();
            var page = _fixture.Store.Reader.List(bucket, query);
            while (true)
            {
                (page.Versions.Count + page.CommonPrefixes.Count).ShouldBeLessThanOrEqualTo(query.Max);
                listed.AddRange(page.Versions.Select(static version => version.Key).Concat(page.CommonPrefixes.Select(static prefix => prefix + "*")).Order(Comparer<string>.Create(Compare)));
                page.IsTruncated.ShouldBe(page.Next is not null);
                if (page.Next is null)
                {
                    break;
                }

                (page.Versions.Count + page.CommonPrefixes.Count).ShouldBe(query.Max);
                page = _fixture.Store.Reader.List(bucket, query with { After = page.Next });
            }

            listed.ShouldBe(expected, $"{query}");
        }

        _fixture.Store.Reader.List(bucket, new() { Max = 0 }).IsTruncated.ShouldBeFalse();
    }

    [Fact]
    public async Task PagesOfVersions_ShowEachOnce_AlsoWhenWhatWasShownIsDeletedMeanwhile()
    {
        var random = new Random(7);
        var bucket = await _fixture.BucketAsync(change: static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        await FillAsync(bucket, random, 60);
        foreach (var key in _fixture.Keys(bucket))
        {
            for (var i = random.Next(4); i > 0; i--)
            {
                await (random.Next(3) == 0 ? _fixture.DeleteAsync(bucket, key) : (Task)_fixture.PutAsync(bucket, key));
            }
        }

        var all = _fixture.Store.Reader.ListVersions(bucket, new()).Versions;
        all.Count.ShouldBeGreaterThan(100);
        all.Select(static version => (version.Key, -version.Sequence)).ShouldBe(
            all.OrderBy(static version => version.Key, Comparer<string>.Create(Compare)).ThenByDescending(static version => version.Sequence).Select(static version => (version.Key, -version.Sequence)));
        all.Where(static version => version.IsLatest).Select(static version => version.Key).ShouldBe(all.Select(static version => version.Key).Distinct());

        for (var max = 1; max < 9; max += 3)
        {
            var listed = new List<long>();
            for (var query = new ListingQuery { Max = max }; ;)
            {
                var page = _fixture.Store.Reader.ListVersions(bucket, query);
                listed.AddRange(page.Versions.Select(static version => version.Sequence));
                if (page.Next is null)
                {
                    break;
                }

                query = query with { After = page.Next, AfterVersion = page.NextVersion };
            }

            listed.ShouldBe(all.Select(static version => version.Sequence));
        }

        // As programs empty a bucket: a page, delete it, the next one.
        for (var query = new ListingQuery { Max = 7 }; ;)
        {
            var page = _fixture.Store.Reader.ListVersions(bucket, query);
            await _fixture.Store.Writes.DeleteAsync(bucket, [.. page.Versions.Select(static version => new DeleteKey(version.Key, version.VersionId))], ObjectFixture.Caller, default);
            if (page.Next is null)
            {
                break;
            }

            query = query with { After = page.Next, AfterVersion = page.NextVersion };
        }

        _fixture.Store.Reader.ListVersions(bucket, new()).Versions.ShouldBeEmpty();
        await _fixture.Store.Buckets.ApplyAsync(static _ => new() { Remove = ["photos"] }, default);
    }

    [Fact]
    public async Task AGroupOfVersions_IsOne_AndAMarkerInItSkipsIt()
    {
        var bucket = await _fixture.BucketAsync(change: static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        foreach (var key in (string[])["a/1", "a/2", "a/2", "b", "c/1"])
        {
            await _fixture.PutAsync(bucket, key);
        }

        var first = _fixture.Store.Reader.ListVersions(bucket, new() { Delimiter = "/", Max = 2 });
        (string.Join(',', first.CommonPrefixes), first.Versions.ShouldHaveSingleItem().Key, first.Next).ShouldBe(("a/", "b", "b"));
        var rest = _fixture.Store.Reader.ListVersions(bucket, new() { Delimiter = "/", After = first.Next!, AfterVersion = first.NextVersion });
        (string.Join(',', rest.CommonPrefixes), rest.Versions.Count).ShouldBe(("c/", 0));
        _fixture.Store.Reader.ListVersions(bucket, new() { Delimiter = "/", After = "a/1" }).CommonPrefixes.ShouldBe(["c/"]);
        Should.Throw<ObjectException>(() => _fixture.Store.Reader.ListVersions(bucket, new() { After = "b", AfterVersion = "no version" })).Failure.ShouldBe(ObjectFailure.InvalidArgument);
    }

    private static List<string> Naive(IReadOnlyList<string> keys, ListingQuery query)
    {
        var shown = new List<string>();
        foreach (var key in keys.Where(key => key.StartsWith(query.Prefix, StringComparison.Ordinal) && Compare(key, query.After) > 0))
        {
            var at = query.Delimiter.Length == 0 ? -1 : key.IndexOf(query.Delimiter, query.Prefix.Length, StringComparison.Ordinal);
            var name = at < 0 ? key : key[..(at + query.Delimiter.Length)];
            if (at < 0)
            {
                shown.Add(name);
            }
            else if (!query.After.StartsWith(name, StringComparison.Ordinal) && !shown.Contains(name + "*", StringComparer.Ordinal))
            {
                shown.Add(name + "*");
            }
        }

        return shown;
    }

    private static int Compare(string? left, string? right) => Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!));

    private static string Some(Random random, int most) => string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => Letters[random.Next(Letters.Length)]));

    private async Task FillAsync(Bucket bucket, Random random, int count) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(_ => "k" + Some(random, 5)).Concat(Enumerable.Range(0, count).Select(_ => Some(random, 5))).Where(static key => key.Length > 0).Distinct(StringComparer.Ordinal).ToList()
            .Select(key => _fixture.PutAsync(bucket, key)));
}
