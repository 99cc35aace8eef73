using System.Globalization;
using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class BucketTargetTests : IDisposable
{
    private const string Record = """{"requestContext":{"functionArn":"arn:aws:lambda:us-east-1:000000000000:function:work:$LATEST"}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatAFunctionFailedOn_BecomesOneObject_HoweverOftenItComes()
    {
        await using var fixture = new ObjectFixture(_folder.Path, new VirtualTime());
        await fixture.Store.Buckets.ApplyAsync(static _ => new() { Put = [new() { Name = "failed", Account = "000000000000", Region = "us-east-1", Created = default }] }, default);
        var target = new BucketTarget(fixture.Store);
        var queued = Queued("arn:aws:s3:::failed");

        (await target.DeliverAsync(queued, default)).ShouldBe(TargetResult.Delivered);
        (await target.DeliverAsync(queued, default)).ShouldBe(TargetResult.Delivered);

        var bucket = fixture["failed"];
        var listed = fixture.Store.Reader.List(bucket, new() { Max = 10 }).Versions.ShouldHaveSingleItem();
        listed.Key.ShouldBe("aws/lambda/async/work/2026/01/02/2026-01-02T03.04.05-R1");
        using var opened = fixture.Store.Reader.Open(bucket, listed.Key);
        var bytes = new byte[listed.Size];
        await opened.ReadAsync(0, bytes, default);
        Encoding.UTF8.GetString(bytes).ShouldBe(Record);
    }

    [Fact]
    public async Task ABucketThatIsNotThere_Refuses()
    {
        await using var fixture = new ObjectFixture(_folder.Path, new VirtualTime());

        var result = await new BucketTarget(fixture.Store).DeliverAsync(Queued("arn:aws:s3:::none"), default);

        (result.End, result.ErrorCode).ShouldBe((TargetEnd.Rejected, "NoSuchBucket"));
    }

    private static QueuedEvent Queued(string arn) => new()
    {
        Target = arn,
        RequestId = "R1",
        TraceId = "Root=1-0-0",
        Accepted = DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture),
        Payload = Encoding.UTF8.GetBytes(Record),
    };
}
