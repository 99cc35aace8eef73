using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class VersioningTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ObjectFixture _fixture;

    public VersioningTests() => _fixture = new(_folder, new());

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ABucket_KeepsVersions_FromWhenItShallUntilItShallNot()
    {
        await _fixture.BucketAsync();
        var bucket = await _fixture.ToldAsync();
        await _fixture.PutAsync(bucket, "k", "1");
        bucket = await _fixture.ChangeAsync("photos", static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        var second = await _fixture.PutAsync(bucket, "k", "2");
        await _fixture.PutAsync(bucket, "k", "3");
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k=3!", "k=2", "k=1"]);

        bucket = await _fixture.ChangeAsync("photos", static bucket => bucket with { Versioning = BucketVersioning.Suspended });
        (await _fixture.PutAsync(bucket, "k", "4")).VersionId.ShouldBe("null");
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k=4!", "k=3", "k=2"]);
        var marker = await _fixture.DeleteAsync(bucket, "k");
        (marker.IsDeleteMarker, marker.MarkerVersionId).ShouldBe((true, "null"));
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k-!", "k=3", "k=2"]);
        _fixture.Keys(bucket).ShouldBeEmpty();

        (await _fixture.TextAsync(bucket, "k", second.VersionId)).ShouldBe("2");
        (await _fixture.DeleteAsync(bucket, "k", "null")).ShouldBe(new("k") { VersionId = "null", IsDeleteMarker = true, MarkerVersionId = "null" });
        (await _fixture.VersionsAsync(bucket)).ShouldBe(["k=3!", "k=2"]);
        (await _fixture.TextAsync(bucket, "k")).ShouldBe("3");
        _fixture.Told.ShouldBe([
            "ObjectCreated:Put k 1", "ObjectCreated:Put k 1", "ObjectCreated:Put k 1", "ObjectCreated:Put k 1", "ObjectRemoved:DeleteMarkerCreated k", "ObjectRemoved:Delete k"]);
    }

    [Fact]
    public async Task ADeleteMarker_HidesTheObject_AndIsRemovedLikeAVersion()
    {
        var bucket = await _fixture.BucketAsync(change: static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        var put = await _fixture.PutAsync(bucket, "k", "1");
        var marker = await _fixture.DeleteAsync(bucket, "k");
        var never = await _fixture.DeleteAsync(bucket, "never was");
        never.IsDeleteMarker.ShouldBeTrue();

        var gone = Should.Throw<ObjectException>(() => _fixture.Store.Reader.Get(bucket, "k"));
        (gone.Failure, gone.Marker?.VersionId).ShouldBe((ObjectFailure.NoSuchKey, marker.MarkerVersionId));
        Should.Throw<ObjectException>(() => _fixture.Store.Reader.Open(bucket, "k", marker.MarkerVersionId)).Failure.ShouldBe(ObjectFailure.MethodNotAllowed);

        // A marker is no object: where nothing may be, something can be written.
        await _fixture.PutAsync(bucket, "never was", "2", new(IfNoneMatch: true));
        await _fixture.DeleteAsync(bucket, "k", marker.MarkerVersionId);
        _fixture.Store.Reader.Get(bucket, "k").ShouldSatisfyAllConditions(
            version => version.VersionId.ShouldBe(put.VersionId),
            version => version.IsLatest.ShouldBeTrue());
        _fixture.Keys(bucket).ShouldBe(["k", "never was"]);
    }

    [Fact]
    public async Task AVersionThatIsNone_IsToldFromOneThatIsGone()
    {
        var bucket = await _fixture.BucketAsync(change: static bucket => bucket with { Versioning = BucketVersioning.Enabled });
        var first = await _fixture.PutAsync(bucket, "k", "1");
        var other = await _fixture.PutAsync(bucket, "other", "1");
        await _fixture.DeleteAsync(bucket, "k", first.VersionId);
        Failure("k", first.VersionId).ShouldBe(ObjectFailure.NoSuchVersion);
        Failure("k", other.VersionId).ShouldBe(ObjectFailure.NoSuchVersion);
        Failure("k", "null").ShouldBe(ObjectFailure.NoSuchVersion);
        Failure("k", "nonsense").ShouldBe(ObjectFailure.InvalidArgument);
        Failure("k", null).ShouldBe(ObjectFailure.NoSuchKey);

        var plain = await _fixture.BucketAsync("plain");
        await _fixture.PutAsync(plain, "k", "1");
        (await _fixture.TextAsync(plain, "k", "null")).ShouldBe("1");
        Should.Throw<ObjectException>(() => _fixture.Store.Reader.Get(plain, "k", other.VersionId)).Failure.ShouldBe(ObjectFailure.InvalidArgument);

        ObjectFailure Failure(string key, string? version) => Should.Throw<ObjectException>(() => _fixture.Store.Reader.Get(bucket, key, version)).Failure;
    }
}
