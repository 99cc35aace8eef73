using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Tests.Resources.Objects;

[Collection(nameof(Alone))]
public sealed class LargeObjectTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ObjectFixture _fixture;

    public LargeObjectTests() => _fixture = new(_folder, new());

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ALargeBody_DoesNotGrowTheServer()
    {
        const int piece = 1024 * 1024;
        var bucket = await _fixture.BucketAsync();
        var bytes = ObjectFixture.Bytes(piece);
        await using var body = _fixture.Store.Writes.Begin(256L * piece, ChecksumAlgorithm.Crc32);
        var before = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < 256; i++)
        {
            await body.WriteAsync(bytes, default);
        }

        var version = await _fixture.Store.Writes.PutAsync(new() { Bucket = bucket, Key = "big", Caller = ObjectFixture.Caller }, body, default);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(32L * piece);
        version.Size.ShouldBe(256L * piece);
    }
}
