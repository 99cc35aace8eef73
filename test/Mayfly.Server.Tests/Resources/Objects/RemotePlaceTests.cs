using Mayfly.Server.Events;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class RemotePlaceTests
{
    [Theory]
    [InlineData("s3://contents", "contents", "", null, "us-east-1")]
    [InlineData("s3://contents/", "contents", "", null, "us-east-1")]
    [InlineData("s3://my.contents/a/b?region=eu-west-1", "my.contents", "a/b/", null, "eu-west-1")]
    [InlineData("s3://contents/a/?endpoint=http://host:9000&region=here", "contents", "a/", "http://host:9000/", "here")]
    [InlineData("s3://contents?endpoint=https%3A%2F%2Fhost%2F", "contents", "", "https://host/", "us-east-1")]
    public void ASetting_NamesAPlace_AndIsWrittenAsItIsRead(string text, string bucket, string prefix, string? endpoint, string region)
    {
        RemotePlace.TryParse(text, out var place, out var problem).ShouldBeTrue(problem);
        place.ShouldBe(new(bucket, prefix, endpoint is null ? null : new(endpoint), region));
        RemotePlace.TryParse(place.ToString(), out var again, out _).ShouldBeTrue();
        again.ShouldBe(place);
    }

    [Theory]
    [InlineData("", "must look like s3://bucket/prefix?endpoint=")]
    [InlineData("http://host:9000/contents", "must look like")]
    [InlineData("s3://", "must name a bucket")]
    [InlineData("s3://My_Contents", "must name a bucket")]
    [InlineData("s3://key:secret@contents", "must look like")]
    [InlineData("s3://contents/a b", "must have a prefix")]
    [InlineData("s3://contents/../b", "must have a prefix")]
    [InlineData("s3://contents?endpoint=host:9000", "must have an endpoint of scheme, host and port")]
    [InlineData("s3://contents?endpoint=http://key:secret@host", "must have an endpoint")]
    [InlineData("s3://contents?endpoint=http://host/path", "must have an endpoint")]
    [InlineData("s3://contents?region=a&region=b", "must say region once")]
    [InlineData("s3://contents?region=", "must have a region")]
    [InlineData("s3://contents?secret=x", "keys are in AWS_ACCESS_KEY_ID")]
    public void ASettingThatNamesNone_IsRefused_SayingWhatIsRight(string text, string problem)
    {
        RemotePlace.TryParse(text, out _, out var said).ShouldBeFalse();
        said.ShouldStartWith(problem.StartsWith("must", StringComparison.Ordinal) ? problem : "must");
        said.ShouldContain(problem);
    }

    [Fact]
    public async Task AnotherPlace_IsTaken_WhileThereAreNoContents_AndRefusedThen()
    {
        using var folder = new TemporaryFolder();
        var time = new VirtualTime(DateTimeOffset.UnixEpoch);
        using var database = Database.Open(folder.Path, StoreSchema.Migrations, NullLogger.Instance);
        var here = new ServerSettings { StoreFolder = folder.Path, ShimsFolder = "", InterpretersFile = "" };
        (await BlobPlaces.OpenAsync(here, database, time)).ShouldBeOfType<BlobFolder>();

        await database.WriteAsync(static session => BlobStore.Add(session, BlobId.New(TimeProvider.System)), default);
        var elsewhere = here with { Objects = new("contents", "", new("http://127.0.0.1:9"), "us-east-1") };
        (await Should.ThrowAsync<StoreException>(() => BlobPlaces.OpenAsync(elsewhere, database, time))).Message
            .ShouldBe("The contents of objects are in 'local', and the setting objects names 's3://contents/?endpoint=http://127.0.0.1:9&region=us-east-1'. Start with --objects 'local'; another place can be named once all objects are deleted.");
        (await BlobPlaces.OpenAsync(here, database, time)).ShouldBeOfType<BlobFolder>();
    }
}
