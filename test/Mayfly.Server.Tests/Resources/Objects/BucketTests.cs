using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class BucketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("photos", true, false)]
    [InlineData("hello_world_bucket", true, true)]
    [InlineData("Photos", true, true)]
    [InlineData("a..b", true, true)]
    [InlineData("192.168.0.1", true, true)]
    [InlineData("xn--b", true, true)]
    [InlineData("ab", false, true)]
    [InlineData("a/b", false, true)]
    [InlineData("photos\n", false, true)]
    public void AName_OfTheOldRuleIsAccepted_AndWarnedOf(string name, bool valid, bool warned)
    {
        BucketName.IsValid(name).ShouldBe(valid);
        (BucketName.Warning(name) is not null).ShouldBe(warned);
    }

    [Fact]
    public async Task WhatWasSetUp_IsThereAfterARestart()
    {
        Bucket made;
        await using (var before = new ObjectFixture(_folder, _time))
        {
            await before.BucketAsync(change: static bucket => bucket with
            {
                Service = "shop",
                Versioning = BucketVersioning.Suspended,
                Lifecycle = [new() { Id = "old", IsEnabled = true, Prefix = "tmp/", ExpirationDays = 3, Tags = ObjectFixture.Map(("a", "b")) }],
                Tags = ObjectFixture.Map(("team", "x")),
                Documents = ObjectFixture.Map(("policy", "{}")),
            });
            made = await before.ToldAsync();
        }

        await using var fixture = new ObjectFixture(_folder, _time);
        var read = fixture["photos"];
        (read.Id, read.Generation, read.Service, read.Versioning).ShouldBe((made.Id, 2, "shop", BucketVersioning.Suspended));
        read.Lifecycle.ShouldHaveSingleItem().Tags["a"].ShouldBe("b");
        read.Documents["policy"].ShouldBe("{}");
        read.Tags["team"].ShouldBe("x");
        read.Notifications.Rules.ShouldHaveSingleItem().TargetArn.ShouldBe(ObjectFixture.Queue);
    }

    [Fact]
    public async Task ABucketWithObjects_IsNotRemoved_AndOneOfTheSameNameIsAnother()
    {
        await using var fixture = new ObjectFixture(_folder, _time);
        var bucket = await fixture.BucketAsync(change: static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        await fixture.PutAsync(bucket, "k", "x");
        await fixture.DeleteAsync(bucket, "k");
        fixture.Keys(bucket).ShouldBeEmpty();

        var refused = await Should.ThrowAsync<ObjectException>(() => fixture.Store.Buckets.ApplyAsync(static _ => new() { Remove = ["photos"] }, default));
        refused.Failure.ShouldBe(ObjectFailure.BucketNotEmpty);
        fixture["photos"].Id.ShouldBe(bucket.Id);

        fixture.Database.Read(session => BucketStore.Count(session, bucket, 10)).ShouldBe(0);
        await fixture.Store.Buckets.ApplyAsync(static _ => new() { Discard = ["photos"] }, default);
        (await Should.ThrowAsync<ObjectException>(() => fixture.PutAsync(bucket, "k"))).Failure.ShouldBe(ObjectFailure.NoSuchBucket);
        (await fixture.BucketAsync()).Id.ShouldNotBe(bucket.Id);
    }

    [Fact]
    public async Task ADiscardedBucket_TakesEverythingInItAlong_AndNothingElse()
    {
        await using var fixture = new ObjectFixture(_folder, _time);
        fixture.Start();
        var bucket = await fixture.BucketAsync();
        var other = await fixture.BucketAsync("other");
        var content = ObjectFixture.Bytes(20_000);
        await fixture.PutAsync(bucket, "a", content);
        await fixture.PutAsync(bucket, "small", "x");
        using (var source = fixture.Store.Reader.Open(bucket, "a"))
        {
            foreach (var (to, key) in new[] { (bucket, "b"), (bucket, "c"), (other, "d") })
            {
                await fixture.Store.Writes.CopyAsync(new() { Source = source, Bucket = to, Key = key, Caller = ObjectFixture.Caller }, default);
            }
        }

        foreach (var key in (string[])["done", "open"])
        {
            var upload = await fixture.Store.Uploads.CreateAsync(bucket, new() { BucketId = bucket.Id, Key = key }, default);
            await using var body = fixture.Store.Uploads.Begin(upload, null, null);
            var part = await fixture.Store.Uploads.PutPartAsync(upload, 1, body, default);
            if (key == "done")
            {
                await fixture.Store.Uploads.CompleteAsync(new() { Bucket = bucket, Key = key, UploadId = upload.Id, Parts = [new(1, part.ETag)], Caller = ObjectFixture.Caller }, default);
            }
        }

        fixture.Files.Count.ShouldBe(3);
        fixture.Database.Read(session => (BucketStore.Count(session, bucket, 100), BucketStore.Count(session, bucket, 2))).ShouldBe((5, 2));
        await fixture.Store.Buckets.ApplyAsync(static _ => new() { Discard = ["photos"] }, default);
        _time.Advance(TimeSpan.FromMinutes(1));
        await DeliveryFixture.UntilAsync(() => fixture.Files.Count == 1, "the files to go");
        (await fixture.ReadAsync(other, "d")).ShouldBe(content);
        fixture.Store.Buckets.Current.ByName.Keys.ShouldBe(["other"]);
    }
}
