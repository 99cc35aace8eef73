using System.Security.Cryptography;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Uploads;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class MultipartUploadsTests : IAsyncDisposable
{
    private const int Least = 5 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();
    private ObjectFixture _fixture;

    public MultipartUploadsTests() => _fixture = new(_folder, _time);

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task PartsInAnyOrder_OneOfThemTwice_MakeTheObject_AlsoAfterARestart()
    {
        await _fixture.BucketAsync();
        var bucket = await _fixture.ToldAsync();
        var (one, two, three) = (ObjectFixture.Bytes(Least, 1), ObjectFixture.Bytes(Least + 1, 2), ObjectFixture.Bytes(12, 3));
        var upload = await CreateAsync(bucket, "big", ChecksumAlgorithm.Crc32, ChecksumType.FullObject);
        var last = await PutAsync(upload, 9, three);
        await PutAsync(upload, 2, ObjectFixture.Bytes(100, 4));
        var first = await PutAsync(upload, 1, one);
        _fixture.Keys(bucket).ShouldBeEmpty();
        await ReopenAsync();
        _fixture.Start();
        var second = await PutAsync(upload, 2, two);
        await PutAsync(upload, 4, three);
        _fixture.Store.Uploads.Parts(upload, 1, 2).Select(static part => (part.Number, part.Size)).ShouldBe([(2, Least + 1), (4, 12)]);

        var made = await CompleteAsync(bucket, upload, first, second, last);
        made.ETag.ShouldBe(Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData(one), .. MD5.HashData(two), .. MD5.HashData(three)])) + "-3");
        byte[] whole = [.. one, .. two, .. three];
        made.Checksum.ShouldBe(new(ChecksumAlgorithm.Crc32, Convert.ToBase64String(RunningSum.Of(ChecksumAlgorithm.Crc32, whole))));
        (await _fixture.ReadAsync(bucket, "big")).AsSpan().SequenceEqual(whole).ShouldBeTrue();
        (await _fixture.ReadAsync(bucket, "big", offset: Least - 5, length: Least + 10)).AsSpan().SequenceEqual(whole.AsSpan(Least - 5, Least + 10)).ShouldBeTrue();
        _fixture.Store.Reader.Parts(made, 1).Select(static part => (part.Number, part.Offset, part.Size)).ShouldBe([(2, Least, Least + 1), (9, (2 * Least) + 1, 12)]);
        _fixture.Told.ShouldBe([$"ObjectCreated:CompleteMultipartUpload big {whole.Length}"]);
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 3, "the parts that were replaced or left out to go");

        // Who did not hear the answer asks again.
        (await CompleteAsync(bucket, upload, first, second, last)).ETag.ShouldBe(made.ETag);
        _fixture.Told.Count.ShouldBe(1);
        (await FailureAsync(() => PutAsync(upload, 1, one))).ShouldBe(ObjectFailure.NoSuchUpload);

        // A copy has the same content and is no multipart object.
        using (var source = _fixture.Store.Reader.Open(bucket, "big"))
        {
            var copy = await _fixture.Store.Writes.CopyAsync(new() { Source = source, Bucket = bucket, Key = "copy", Caller = ObjectFixture.Caller }, default);
            (copy.ETag, copy.PartsCount).ShouldBe((Convert.ToHexStringLower(MD5.HashData(whole)), 0));
            await _fixture.DeleteAsync(bucket, "big");
            (await ObjectFixture.ReadAsync(source, 0, whole.Length)).AsSpan().SequenceEqual(whole).ShouldBeTrue();
        }

        (await _fixture.ReadAsync(bucket, "copy")).AsSpan().SequenceEqual(whole).ShouldBeTrue();
        _fixture.Files.Count.ShouldBe(3);
        await _fixture.DeleteAsync(bucket, "copy");
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 0, "the parts to go");
    }

    [Fact]
    public async Task AnAbortedUpload_LeavesNothing()
    {
        _fixture.Start();
        var bucket = await _fixture.BucketAsync();
        var upload = await CreateAsync(bucket, "k");
        await PutAsync(upload, 1, ObjectFixture.Bytes(10));
        var body = _fixture.Store.Uploads.Begin(upload, null, null);
        await body.WriteAsync(ObjectFixture.Bytes(10), default);
        await _fixture.Store.Uploads.AbortAsync(bucket, "k", upload.Id, default);
        (await FailureAsync(() => _fixture.Store.Uploads.PutPartAsync(upload, 2, body, default))).ShouldBe(ObjectFailure.NoSuchUpload);
        await body.DisposeAsync();
        (await FailureAsync(() => _fixture.Store.Uploads.AbortAsync(bucket, "k", upload.Id, default))).ShouldBe(ObjectFailure.NoSuchUpload);
        Should.Throw<ObjectException>(() => _fixture.Store.Uploads.Get(bucket, "k", upload.Id)).Failure.ShouldBe(ObjectFailure.NoSuchUpload);
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 0, "the parts to go");
    }

    [Fact]
    public async Task ACompletionThatIsWrong_ChangesNothing()
    {
        var bucket = await _fixture.BucketAsync();
        var upload = await CreateAsync(bucket, "k");
        var small = await PutAsync(upload, 1, ObjectFixture.Bytes(10));
        var last = await PutAsync(upload, 2, ObjectFixture.Bytes(20));
        (await FailureAsync(() => CompleteAsync(bucket, upload))).ShouldBe(ObjectFailure.InvalidRequest);
        (await FailureAsync(() => CompleteAsync(bucket, upload, last, small))).ShouldBe(ObjectFailure.InvalidPartOrder);
        (await FailureAsync(() => CompleteAsync(bucket, upload, small, small))).ShouldBe(ObjectFailure.InvalidPartOrder);
        (await FailureAsync(() => CompleteAsync(bucket, upload, small, last))).ShouldBe(ObjectFailure.EntityTooSmall);
        (await FailureAsync(() => CompleteAsync(bucket, upload, last with { ETag = small.ETag }))).ShouldBe(ObjectFailure.InvalidPart);
        (await FailureAsync(() => CompleteAsync(bucket, upload, last with { Number = 3 }))).ShouldBe(ObjectFailure.InvalidPart);
        (await FailureAsync(() => _fixture.Store.Uploads.CompleteAsync(Completion(bucket, upload, last) with { Size = 21 }, default))).ShouldBe(ObjectFailure.InvalidRequest);
        (await FailureAsync(() => _fixture.Store.Uploads.CompleteAsync(Completion(bucket, upload, last) with { Checksum = small.Checksum }, default))).ShouldBe(ObjectFailure.BadDigest);
        (await FailureAsync(() => PutAsync(upload, 0, []))).ShouldBe(ObjectFailure.InvalidArgument);
        (await FailureAsync(() => PutAsync(upload, 10_001, []))).ShouldBe(ObjectFailure.InvalidArgument);
        _fixture.Keys(bucket).ShouldBeEmpty();
        _fixture.Store.Uploads.Parts(upload, 0, 10).ShouldBe([small, last]);
        (await CompleteAsync(bucket, upload, last)).Size.ShouldBe(20);
    }

    [Fact]
    public async Task TheChecksumOfAnUpload_IsOfItsParts_OrOfTheWhole()
    {
        var bucket = await _fixture.BucketAsync();
        var (one, two) = (ObjectFixture.Bytes(Least, 1), ObjectFixture.Bytes(5, 2));
        var composite = await CreateAsync(bucket, "composite", ChecksumAlgorithm.Sha256, ChecksumType.Composite);
        UploadPart[] parts = [await PutAsync(composite, 1, one), await PutAsync(composite, 2, two)];
        (await FailureAsync(() => _fixture.Store.Uploads.CompleteAsync(Completion(bucket, composite, parts) with { Parts = [.. parts.Select(static part => new NamedPart(part.Number, part.ETag))] }, default))).ShouldBe(ObjectFailure.InvalidRequest);
        (await CompleteAsync(bucket, composite, parts)).Checksum.ShouldBe(
            new(ChecksumAlgorithm.Sha256, Convert.ToBase64String(SHA256.HashData([.. SHA256.HashData(one), .. SHA256.HashData(two)])) + "-2", ChecksumType.Composite));

        // Without one the parts may have any, and the object has a CRC64NVME.
        var plain = await CreateAsync(bucket, "plain");
        UploadPart[] mixed = [await PutAsync(plain, 1, one, ChecksumAlgorithm.Crc32), await PutAsync(plain, 2, two, ChecksumAlgorithm.Sha1)];
        mixed.Select(static part => part.Checksum.Algorithm).ShouldBe([ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Sha1]);
        (await CompleteAsync(bucket, plain, mixed)).Checksum.ShouldBe(new(ChecksumAlgorithm.Crc64Nvme, Convert.ToBase64String(RunningSum.Of(ChecksumAlgorithm.Crc64Nvme, [.. one, .. two]))));

        Should.Throw<ObjectException>(() => _fixture.Store.Uploads.Begin(composite, null, ChecksumAlgorithm.Crc32)).Failure.ShouldBe(ObjectFailure.InvalidRequest);
        (await FailureAsync(() => CreateAsync(bucket, "k", ChecksumAlgorithm.Sha1, ChecksumType.FullObject))).ShouldBe(ObjectFailure.InvalidRequest);
        (await FailureAsync(() => CreateAsync(bucket, "k", ChecksumAlgorithm.Crc64Nvme, ChecksumType.Composite))).ShouldBe(ObjectFailure.InvalidRequest);
    }

    [Fact]
    public async Task ACondition_HoldsFromTheBeginningOfTheUploadToItsEnd()
    {
        var bucket = await _fixture.BucketAsync();
        var before = await _fixture.PutAsync(bucket, "k", "old");
        var (match, none) = (await CreateAsync(bucket, "k"), await CreateAsync(bucket, "k"));
        var part = await PutAsync(match, 1, [1]);
        await PutAsync(none, 1, [1]);
        (await FailureAsync(() => CompleteIfAsync(none, new(IfNoneMatch: true)))).ShouldBe(ObjectFailure.PreconditionFailed);
        (await FailureAsync(() => CompleteIfAsync(match, new(IfMatch: "other")))).ShouldBe(ObjectFailure.PreconditionFailed);
        await _fixture.DeleteAsync(bucket, "k");
        (await FailureAsync(() => CompleteIfAsync(none, new(IfNoneMatch: true)))).ShouldBe(ObjectFailure.ConditionalRequestConflict);
        (await FailureAsync(() => CompleteIfAsync(match, new(IfMatch: before.ETag)))).ShouldBe(ObjectFailure.NoSuchKey);
        await _fixture.PutAsync(bucket, "k", "old");
        (await FailureAsync(() => CompleteIfAsync(match, new(IfMatch: before.ETag)))).ShouldBe(ObjectFailure.ConditionalRequestConflict);
        (await CompleteIfAsync(match, default)).Size.ShouldBe(1);

        Task<ObjectVersion> CompleteIfAsync(MultipartUpload upload, WriteCondition condition) =>
            _fixture.Store.Uploads.CompleteAsync(Completion(bucket, upload, part) with { Condition = condition }, default);
    }

    [Fact]
    public async Task APart_CanBeARangeOfAnObject()
    {
        var bucket = await _fixture.BucketAsync();
        var content = ObjectFixture.Bytes(1_000_000);
        await _fixture.PutAsync(bucket, "source", content);
        var upload = await CreateAsync(bucket, "k");
        using var source = _fixture.Store.Reader.Open(bucket, "source");
        var part = await _fixture.Store.Uploads.CopyPartAsync(upload, 1, source, 10, 600_000, default);
        part.ETag.ShouldBe(Convert.ToHexStringLower(MD5.HashData(content.AsSpan(10, 600_000))));
        await CompleteAsync(bucket, upload, part);
        (await _fixture.ReadAsync(bucket, "k")).AsSpan().SequenceEqual(content.AsSpan(10, 600_000)).ShouldBeTrue();
    }

    [Fact]
    public async Task Uploads_AreListedByKey_ThenByBeginning()
    {
        var bucket = await _fixture.BucketAsync();
        var made = new List<MultipartUpload>();
        foreach (var key in (string[])["b", "a/2", "b", "a/1", "c", "b"])
        {
            made.Add(await CreateAsync(bucket, key));
        }

        List<MultipartUpload> expected = [made[3], made[1], made[0], made[2], made[5], made[4]];
        for (var max = 1; max < 7; max++)
        {
            var listed = new List<string>();
            var page = _fixture.Store.Uploads.List(bucket, new() { Max = max });
            while (true)
            {
                page.Uploads.Count.ShouldBeLessThanOrEqualTo(max);
                listed.AddRange(page.Uploads.Select(static upload => upload.Id));
                if (!page.IsTruncated)
                {
                    break;
                }

                page = _fixture.Store.Uploads.List(bucket, new() { Max = max, After = page.NextKey!, AfterVersion = page.NextUploadId });
            }

            listed.ShouldBe(expected.Select(static upload => upload.Id));
        }

        var grouped = _fixture.Store.Uploads.List(bucket, new() { Delimiter = "/", After = "", Max = 2 });
        (string.Join(',', grouped.CommonPrefixes), grouped.Uploads.ShouldHaveSingleItem().Id, grouped.IsTruncated).ShouldBe(("a/", made[0].Id, true));

        // A bucket without objects can be removed; what was begun goes with it.
        await _fixture.Store.Buckets.ApplyAsync(static _ => new() { Remove = ["photos"] }, default);
        (await FailureAsync(() => PutAsync(made[0], 1, [1]))).ShouldBe(ObjectFailure.NoSuchUpload);
    }

    private static CompleteUpload Completion(Bucket bucket, MultipartUpload upload, params UploadPart[] parts) => new()
    {
        Bucket = bucket,
        Key = upload.Key,
        UploadId = upload.Id,
        Parts = [.. parts.Select(static part => new NamedPart(part.Number, part.ETag, part.Checksum))],
        Caller = ObjectFixture.Caller,
    };

    private static async Task<ObjectFailure?> FailureAsync(Func<Task> action) => (await Should.ThrowAsync<ObjectException>(action)).Failure;

    private Task<MultipartUpload> CreateAsync(Bucket bucket, string key, ChecksumAlgorithm? checksum = null, ChecksumType type = ChecksumType.FullObject) =>
        _fixture.Store.Uploads.CreateAsync(bucket, new() { BucketId = bucket.Id, Key = key, Checksum = checksum, ChecksumType = type }, default);

    private async Task<UploadPart> PutAsync(MultipartUpload upload, int number, byte[] content, ChecksumAlgorithm? checksum = null)
    {
        await using var body = _fixture.Store.Uploads.Begin(upload, content.Length, checksum);
        await body.WriteAsync(content, default);
        return await _fixture.Store.Uploads.PutPartAsync(upload, number, body, default);
    }

    private Task<ObjectVersion> CompleteAsync(Bucket bucket, MultipartUpload upload, params UploadPart[] parts) =>
        _fixture.Store.Uploads.CompleteAsync(Completion(bucket, upload, parts), default);

    private async Task ReopenAsync()
    {
        await _fixture.DisposeAsync();
        _fixture = new(_folder, _time);
    }
}
