using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Lifecycle;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class LifecycleTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new(new(2026, 3, 1, 15, 0, 0, TimeSpan.Zero));
    private readonly ObjectFixture _fixture;

    public LifecycleTests() => _fixture = new(_folder, _time);

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Objects_ExpireAtTheMidnightAfterTheirDays_WhereTheFilterMatches()
    {
        _fixture.Start();
        await _fixture.BucketAsync(change: static bucket => bucket with
        {
            Lifecycle =
            [
                new() { Id = "tmp", IsEnabled = true, Prefix = "tmp/", ExpirationDays = 2 },
                new() { Id = "later", IsEnabled = true, Prefix = "tmp/", ExpirationDays = 30 },
                new() { Id = "off", IsEnabled = false, ExpirationDays = 1 },
                new() { Id = "big", IsEnabled = true, SizeGreaterThan = 3, ExpirationDays = 1 },
                new() { Id = "tagged", IsEnabled = true, Tags = ObjectFixture.Map(("a", "b")), ExpirationDays = 1 },
            ],
        });
        var bucket = await _fixture.ToldAsync();
        var version = await _fixture.PutAsync(bucket, "tmp/a", "x");
        await _fixture.PutAsync(bucket, "kept", "x");
        await _fixture.PutAsync(bucket, "big", "1234");
        await _fixture.PutAsync(bucket, "tagged", "x");
        await _fixture.Store.Writes.SetTagsAsync(bucket, "tagged", null, ObjectFixture.Map(("a", "b"), ("c", "d")), ObjectFixture.Caller, default);
        LifecycleDecision.ExpiryOf(bucket, version).ShouldBe((new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero), "tmp"));

        _time.Advance(TimeSpan.FromHours(33 - 1));
        await IdleAsync(bucket, 4);
        _time.Advance(TimeSpan.FromHours(2));
        await IdleAsync(bucket, 2);
        _time.Advance(TimeSpan.FromDays(1));
        await IdleAsync(bucket, 1);
        _fixture.Keys(bucket).ShouldBe(["kept"]);
        _fixture.Told.Where(static told => told.StartsWith("Lifecycle", StringComparison.Ordinal)).ShouldBe(
            ["LifecycleExpiration:Delete big", "LifecycleExpiration:Delete tagged", "LifecycleExpiration:Delete tmp/a"]);
    }

    [Fact]
    public async Task InABucketWithVersions_TheNewestIsHidden_OthersGoByTheirOwnAge_AndTheMarkerLast()
    {
        _fixture.Start();
        await _fixture.BucketAsync(change: static bucket => bucket with
        {
            Versioning = BucketVersioning.Enabled,
            Lifecycle = [new() { Id = "all", IsEnabled = true, ExpirationDays = 1, NoncurrentDays = 3, NewerNoncurrentVersions = 1 }],
        });
        var bucket = await _fixture.ToldAsync();
        foreach (var content in (string[])["1", "2", "3"])
        {
            await _fixture.PutAsync(bucket, "k", content);
        }

        _time.Advance(TimeSpan.FromDays(2));
        await DeliveryFixture.UntilAsync(() => _fixture.Keys(bucket).Count == 0, "the newest to be hidden");
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k-!", "k=3", "k=2", "k=1"]);

        // The newest one that is not current is kept, whatever its age.
        _time.Advance(TimeSpan.FromDays(10));
        await DeliveryFixture.UntilAsync(() => _fixture.Store.Reader.ListVersions(bucket, new()).Versions.Count == 2, "others to go");
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k-!", "k=3"]);

        await _fixture.ChangeAsync("photos", static bucket => bucket with { Lifecycle = [bucket.Lifecycle[0] with { NewerNoncurrentVersions = null }] });
        _time.Advance(TimeSpan.FromMinutes(1));
        await DeliveryFixture.UntilAsync(() => _fixture.Store.Reader.ListVersions(bucket, new()).Versions.Count == 1, "the last one to go");
        _time.Advance(TimeSpan.FromDays(1));
        await DeliveryFixture.UntilAsync(() => _fixture.Store.Reader.ListVersions(bucket, new()).Versions.Count == 0, "the marker to go");
        _fixture.Told.Where(static told => told.StartsWith("Lifecycle", StringComparison.Ordinal)).ShouldBe(
            ["LifecycleExpiration:DeleteMarkerCreated k", "LifecycleExpiration:Delete k", "LifecycleExpiration:Delete k", "LifecycleExpiration:Delete k", "LifecycleExpiration:Delete k"]);
    }

    [Fact]
    public async Task Uploads_ThatNobodyCompletes_AreGivenUp()
    {
        _fixture.Start();
        var bucket = await _fixture.BucketAsync(change: static bucket => bucket with { Lifecycle = [new() { Id = "abort", IsEnabled = true, Prefix = "a", AbortUploadDays = 1 }] });
        foreach (var key in (string[])["a1", "b"])
        {
            var upload = await _fixture.Store.Uploads.CreateAsync(bucket, new() { BucketId = bucket.Id, Key = key }, default);
            await using var body = _fixture.Store.Uploads.Begin(upload, null, null);
            await _fixture.Store.Uploads.PutPartAsync(upload, 1, body, default);
        }

        _time.Advance(TimeSpan.FromHours(32));
        _fixture.Store.Uploads.List(bucket, new()).Uploads.Count.ShouldBe(2);
        _time.Advance(TimeSpan.FromHours(2));
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 1, "the old upload to go");
        _fixture.Store.Uploads.List(bucket, new()).Uploads.ShouldHaveSingleItem().Key.ShouldBe("b");
    }

    // Waits until so many objects are left, and that no more go.
    private async Task IdleAsync(Bucket bucket, int count)
    {
        await DeliveryFixture.UntilAsync(() => _fixture.Keys(bucket).Count <= count, $"{count} objects to be left");
        _fixture.Keys(bucket).Count.ShouldBe(count);
    }
}
