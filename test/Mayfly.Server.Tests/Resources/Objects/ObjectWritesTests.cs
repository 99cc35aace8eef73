using System.Security.Cryptography;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Objects;

public sealed class ObjectWritesTests : IAsyncDisposable
{
    private const string HelloTag = "5d41402abc4b2a76b9719d911017c592";

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();
    private ObjectFixture _fixture;

    public ObjectWritesTests() => _fixture = new(_folder, _time);

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(256 * 1024)]
    [InlineData((5 * 1024 * 1024) + 3)]
    public async Task AnObject_IsReadAsItWasWritten_AlsoAfterARestart(int size)
    {
        var content = ObjectFixture.Bytes(size);
        var bucket = await _fixture.BucketAsync();
        foreach (var length in (long?[])[size, null])
        {
            await using var body = _fixture.Store.Writes.Begin(length, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Sha256);
            for (var at = 0; at < size; at += 70_001)
            {
                await body.WriteAsync(content.AsMemory(at, Math.Min(70_001, size - at)), default);
            }

            var digests = await body.FinishAsync(default);
            digests.Length.ShouldBe(size);
            digests.Sums[ChecksumAlgorithm.Sha256].AsSpan().SequenceEqual(SHA256.HashData(content)).ShouldBeTrue();
            await _fixture.Store.Writes.PutAsync(new() { Bucket = bucket, Key = $"k{length}", Caller = ObjectFixture.Caller, Headers = ObjectFixture.Map(("content-type", "text/x")), Tags = ObjectFixture.Map(("a", "1")) }, body, default);
        }

        _fixture.Files.Count.ShouldBe(size > 16 * 1024 ? 2 : 0);
        await ReopenAsync();
        foreach (var key in (string[])["k", $"k{size}"])
        {
            var version = _fixture.Store.Reader.Get(bucket, key);
            version.ETag.ShouldBe(Convert.ToHexStringLower(MD5.HashData(content)));
            version.Checksum.ShouldBe(new(ChecksumAlgorithm.Crc32C, Convert.ToBase64String(RunningSum.Of(ChecksumAlgorithm.Crc32C, content))));
            (version.Size, version.VersionId, version.IsLatest, version.LastModified).ShouldBe((size, "null", true, _time.GetUtcNow()));
            version.Headers["content-type"].ShouldBe("text/x");
            version.Tags["a"].ShouldBe("1");
            (await _fixture.ReadAsync(bucket, key)).ShouldBe(content);
            (await _fixture.ReadAsync(bucket, key, offset: size / 3, length: size / 2)).ShouldBe(content[(size / 3)..((size / 3) + (size / 2))]);
        }
    }

    [Fact]
    public async Task ABodyThatIsNotCommitted_LeavesNothing()
    {
        var bucket = await _fixture.BucketAsync();
        await using (var body = _fixture.Store.Writes.Begin(null))
        {
            await body.WriteAsync(ObjectFixture.Bytes(3_000_000), default);
            _fixture.Files.Count.ShouldBe(1);
        }

        await using (var body = _fixture.Store.Writes.Begin(3_000_000))
        {
            await body.WriteAsync(ObjectFixture.Bytes(3_000_000), default);
            await body.FinishAsync(default);
        }

        await Should.ThrowAsync<ObjectException>(() => _fixture.PutAsync(bucket, "k", ObjectFixture.Bytes(100_000), new(IfMatch: "x")));
        _fixture.Files.ShouldBeEmpty();
        _fixture.Keys(bucket).ShouldBeEmpty();
    }

    [Fact]
    public void ADiskWithoutRoom_RefusesTheBody_AndKeepsNothing()
    {
        var folder = new BlobFolder(_fixture.Folder, _time);
        Should.Throw<StoreException>(() => folder.Create(1L << 43, out _)).Message.ShouldContain("no room for 8796093022208 bytes");
        _fixture.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatIsReplacedOrDeleted_LosesItsFile_ButNotUnderAReader()
    {
        _fixture.Start();
        var bucket = await _fixture.BucketAsync();
        var (first, second) = (ObjectFixture.Bytes(700_000, 1), ObjectFixture.Bytes(700_000, 2));
        await _fixture.PutAsync(bucket, "k", first);
        using (var opened = _fixture.Store.Reader.Open(bucket, "k"))
        {
            await _fixture.PutAsync(bucket, "k", second);
            await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 1, "the first file to go");
            (await ObjectFixture.ReadAsync(opened, 0, first.Length)).ShouldBe(first);
        }

        (await _fixture.ReadAsync(bucket, "k")).ShouldBe(second);
        await _fixture.DeleteAsync(bucket, "k");
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 0, "the second file to go");
        await DeliveryFixture.UntilAsync(() => _fixture.Database.Read(static session => session.Scalar("SELECT count(*) FROM blobs")) is 0L, "its row to go");
    }

    [Fact]
    public async Task Conditions_AreDecidedWhenTheWriteIsCommitted()
    {
        var bucket = await _fixture.BucketAsync();
        (await FailureAsync("new", new(IfMatch: HelloTag))).ShouldBe(ObjectFailure.NoSuchKey);
        (await FailureAsync("new", new(IfNoneMatch: true))).ShouldBeNull();
        (await FailureAsync("new", new(IfNoneMatch: true))).ShouldBe(ObjectFailure.PreconditionFailed);
        (await FailureAsync("new", new(IfMatch: HelloTag))).ShouldBeNull();
        (await FailureAsync("new", new(IfMatch: "other"))).ShouldBe(ObjectFailure.PreconditionFailed);
        Should.Throw<ObjectException>(() => _fixture.Store.Writes.Check(bucket, "new", new(IfNoneMatch: true))).Details.ShouldContain(("Condition", "If-None-Match"));

        (await Should.ThrowAsync<ObjectException>(() => _fixture.DeleteAsync(bucket, "new", ifMatch: "other"))).Failure.ShouldBe(ObjectFailure.PreconditionFailed);
        (await Should.ThrowAsync<ObjectException>(() => _fixture.DeleteAsync(bucket, "none", ifMatch: "*"))).Failure.ShouldBe(ObjectFailure.NoSuchKey);
        await _fixture.DeleteAsync(bucket, "new", ifMatch: HelloTag);
        (await FailureAsync("new", new(IfNoneMatch: true))).ShouldBeNull();

        // Of many that may be written only where nothing is, one is.
        var ends = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FailureAsync("race", new(IfNoneMatch: true))));
        ends.Count(static end => end is null).ShouldBe(1);

        async Task<ObjectFailure?> FailureAsync(string key, WriteCondition condition)
        {
            try
            {
                await _fixture.PutAsync(bucket, key, "hello", condition);
                return null;
            }
            catch (ObjectException e)
            {
                return e.Failure;
            }
        }
    }

    [Fact]
    public async Task EachChange_TellsOnce_AndARefusedOneNot()
    {
        await _fixture.BucketAsync();
        var old = _fixture["photos"];
        await _fixture.ToldAsync();

        // The settings count that are there when the write is committed, not those that the caller saw.
        await _fixture.PutAsync(old, "a", "hello");
        await Should.ThrowAsync<ObjectException>(() => _fixture.PutAsync(old, "a", "hello", new(IfNoneMatch: true)));
        await _fixture.Store.Writes.SetTagsAsync(old, "a", null, ObjectFixture.Map(("x", "y")), ObjectFixture.Caller, default);
        await _fixture.Store.Writes.SetTagsAsync(old, "a", null, ObjectFixture.Map(), ObjectFixture.Caller, default);
        using (var source = _fixture.Store.Reader.Open(old, "a"))
        {
            await _fixture.Store.Writes.CopyAsync(new() { Source = source, Bucket = old, Key = "b", Caller = ObjectFixture.Caller }, default);
        }

        await _fixture.DeleteAsync(old, "a");
        await _fixture.DeleteAsync(old, "a");
        _fixture.Told.ShouldBe(["ObjectCreated:Put a 5", "ObjectTagging:Put a", "ObjectTagging:Delete a", "ObjectCreated:Copy b 5", "ObjectRemoved:Delete a"]);
        _fixture.Store.Reader.Get(old, "b").Tags.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACopy_SharesTheFile_UntilNeitherNeedsIt()
    {
        _fixture.Start();
        var bucket = await _fixture.BucketAsync();
        var content = ObjectFixture.Bytes(300_000);
        var source = await _fixture.PutAsync(bucket, "a", content);
        using (var opened = _fixture.Store.Reader.Open(bucket, "a"))
        {
            var copy = await _fixture.Store.Writes.CopyAsync(new() { Source = opened, Bucket = bucket, Key = "b", Caller = ObjectFixture.Caller, Checksum = ChecksumAlgorithm.Sha1 }, default);
            copy.ETag.ShouldBe(source.ETag);
            copy.Checksum.ShouldBe(new(ChecksumAlgorithm.Sha1, Convert.ToBase64String(RunningSum.Of(ChecksumAlgorithm.Sha1, content))));

            // Onto itself, with other headers.
            await _fixture.Store.Writes.CopyAsync(new() { Source = opened, Bucket = bucket, Key = "a", Caller = ObjectFixture.Caller, Headers = ObjectFixture.Map(("x-amz-meta-a", "b")) }, default);

            // The row that was opened is gone now, but not what is in it.
            await _fixture.Store.Writes.CopyAsync(new() { Source = opened, Bucket = bucket, Key = "c", Caller = ObjectFixture.Caller }, default);
        }

        _fixture.Files.Count.ShouldBe(2);
        _fixture.Store.Reader.Get(bucket, "a").Headers["x-amz-meta-a"].ShouldBe("b");
        await _fixture.DeleteAsync(bucket, "a");
        await _fixture.DeleteAsync(bucket, "c");
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 1, "the file of c to go");
        (await _fixture.ReadAsync(bucket, "b")).ShouldBe(content);
        await _fixture.DeleteAsync(bucket, "b");
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 0, "the shared file to go");
    }

    [Fact]
    public async Task ManyAreDeletedAtOnce_AndOneThatFailsHindersNone()
    {
        var bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", "x");
        await _fixture.PutAsync(bucket, "b", "x");
        var ends = await _fixture.Store.Writes.DeleteAsync(bucket, [new("a"), new("b", IfMatch: "no"), new("c"), new("a", new string('v', 32)), new(new string('k', 1025))], ObjectFixture.Caller, default);
        ends.Select(static end => end.Failure?.Failure).ShouldBe([null, ObjectFailure.PreconditionFailed, null, ObjectFailure.InvalidArgument, ObjectFailure.KeyTooLongError]);
        _fixture.Keys(bucket).ShouldBe(["b"]);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a//b/./..")]
    [InlineData(" lead and trail ")]
    [InlineData("nul\0in it")]
    [InlineData("\u00e9\ud83d\ude00")]
    [InlineData("a\nb\tc")]
    public async Task AKey_IsBytes_AndNoPath(string key)
    {
        var bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, key, ObjectFixture.Bytes(20_000));
        await _fixture.PutAsync(bucket, key + "\0", "other");
        _fixture.Store.Reader.Get(bucket, key).Size.ShouldBe(20_000);
        _fixture.Keys(bucket).ShouldBe([key, key + "\0"]);
        Path.GetDirectoryName(Path.GetDirectoryName(_fixture.Files.ShouldHaveSingleItem())).ShouldBe(Path.Combine(_fixture.Folder, "blobs"));
    }

    [Fact]
    public async Task AKeyThatIsNone_IsRefused()
    {
        var bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, new string('\u00e9', 512));
        foreach (var (key, failure) in new[] { ("", ObjectFailure.InvalidArgument), (new string('\u00e9', 512) + "a", ObjectFailure.KeyTooLongError), ("\ud800", ObjectFailure.InvalidArgument) })
        {
            (await Should.ThrowAsync<ObjectException>(() => _fixture.PutAsync(bucket, key))).Failure.ShouldBe(failure);
        }
    }

    [Fact]
    public async Task AnObjectThatIsReplacedAllTheTime_IsReadWholeByEverybody()
    {
        _fixture.Start();
        var bucket = await _fixture.BucketAsync();
        var contents = Enumerable.Range(0, 4).Select(static seed => ObjectFixture.Bytes(100_000 + seed, seed)).ToList();
        await _fixture.PutAsync(bucket, "k", contents[0]);
        using var stop = new CancellationTokenSource();
        var writers = contents.Select(async content =>
        {
            while (!stop.IsCancellationRequested)
            {
                await _fixture.PutAsync(bucket, "k", content);
            }
        }).ToList();
        for (var i = 0; i < 200; i++)
        {
            using var opened = _fixture.Store.Reader.Open(bucket, "k");
            var read = await ObjectFixture.ReadAsync(opened, 0, opened.Version.Size);
            Convert.ToHexStringLower(MD5.HashData(read)).ShouldBe(opened.Version.ETag);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task ACrash_LeavesWhatWasCommitted_AndNothingElse()
    {
        var bucket = await _fixture.BucketAsync();
        var content = ObjectFixture.Bytes(50_000);
        await _fixture.PutAsync(bucket, "kept", content);
        await _fixture.PutAsync(bucket, "fresh", content);
        await _fixture.PutAsync(bucket, "deleted", content);
        await _fixture.DeleteAsync(bucket, "deleted");

        // One was written half; one whole, before its row; one had its row, but was not brought to its place; one was not deleted yet.
        File.WriteAllText(Path.Combine(_fixture.Folder, "tmp", Guid.NewGuid().ToString("N")), "half");
        File.WriteAllText(Path.Combine(_fixture.Folder, "fresh", Guid.NewGuid().ToString("N")), "whole");
        File.WriteAllText(Path.Combine(_fixture.Folder, "fresh", "what is this"), "");
        var fresh = new Guid(_fixture.Database.Read(static session => (byte[])session.Scalar("SELECT blob FROM object_versions WHERE key = CAST('fresh' AS BLOB)")!), bigEndian: true).ToString("N");
        File.Move(_fixture.Files.Single(file => Path.GetFileName(file) == fresh), Path.Combine(_fixture.Folder, "fresh", fresh));
        _fixture.Files.Count.ShouldBe(6);
        (await _fixture.ReadAsync(bucket, "fresh")).ShouldBe(content);

        await ReopenAsync();
        _fixture.Start();
        await DeliveryFixture.UntilAsync(() => _fixture.Files.Count == 2, "what is left over to go");
        Directory.GetFiles(Path.Combine(_fixture.Folder, "fresh")).ShouldBeEmpty();
        _fixture.Keys(bucket).ShouldBe(["fresh", "kept"]);
        (await _fixture.ReadAsync(bucket, "fresh")).ShouldBe(content);
        (await _fixture.ReadAsync(bucket, "kept")).ShouldBe(content);
    }

    private async Task ReopenAsync()
    {
        await _fixture.DisposeAsync();
        _fixture = new(_folder, _time);
    }
}
