using System.Text;
using Mayfly.Server.Dialects.Aws.S3;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Dialects.Aws.Signing;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

public sealed class AwsChunkedReaderTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Scope = "20130524/us-east-1/s3/aws4_request";

    private static readonly string[] Signed =
    [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];

    [Theory]
    [InlineData("c\r\nHello World!\r\n0\r\nx-amz-checksum-crc32:HCkcow==\r\n\r\n")]
    [InlineData("C\r\nHello World!\r\n0\r\nX-Amz-Checksum-CRC32: HCkcow== \r\n")]
    [InlineData("5;ignored=1\r\nHello\r\n00007\r\n World!\r\n0\r\nx-amz-checksum-crc32:HCkcow==")]
    public async Task Chunks_BecomeTheBody_WithItsTrailers(string sent)
    {
        for (var slice = 1; slice < 40; slice += 3)
        {
            var reader = Reader(sent, slice, 12);
            (await ReadAsync(reader)).ShouldBe("Hello World!");
            reader.Trailers.ShouldBe(new Dictionary<string, string> { ["x-amz-checksum-crc32"] = "HCkcow==" });
        }
    }

    [Theory]
    [InlineData("c\r\nHello World!\r\n0\r\n\r\n", "MalformedTrailerError")]
    [InlineData("c\r\nHello World!\r\n0\r\nx-amz-checksum-sha1:a\r\n\r\n", "MalformedTrailerError")]
    [InlineData("c\r\nHello World!\r\n0\r\nx-amz-checksum-crc32:a\r\nx-amz-checksum-crc32:a\r\n\r\n", "MalformedTrailerError")]
    [InlineData("c\r\nHello World!\r\n0\r\nnothing\r\n\r\n", "MalformedTrailerError")]
    [InlineData("c\r\nHello World", "IncompleteBody")]
    [InlineData("c\r\nHello World!\r\n", "IncompleteBody")]
    [InlineData("c", "IncompleteBody")]
    [InlineData("b\r\nHello World\r\n0\r\nx-amz-checksum-crc32:HCkcow==\r\n\r\n", "IncompleteBody")]
    [InlineData("d\r\nHello World!!\r\n0\r\nx-amz-checksum-crc32:HCkcow==\r\n\r\n", "IncompleteBody")]
    [InlineData("ffffffffffffffff\r\n", "InvalidRequest")]
    [InlineData("-1\r\n", "InvalidRequest")]
    [InlineData("x\r\n", "InvalidRequest")]
    [InlineData("\r\n", "InvalidRequest")]
    [InlineData("2\r\nabc\r\n", "InvalidRequest")]
    public async Task WhatIsOutOfForm_IsRefused(string sent, string code) =>
        (await S3Requests.RefusedAsync(() => ReadAsync(Reader(sent, 7, 12)))).ShouldBe(code);

    [Fact]
    public async Task ALineWithoutAnEnd_IsRefusedBeforeItIsHeld() =>
        (await S3Requests.RefusedAsync(() => ReadAsync(Reader(new string('1', 100_000), 4096, null)))).ShouldBe("InvalidRequest");

    [Fact]
    public async Task SignaturesOfChunks_AreThoseOfTheDocumentation_AndAnyOtherByteIsRefused()
    {
        var sent = Chunked(Signed, "\r\n");
        (await ReadAsync(Reader(sent, 1000, 66_560, SignaturesOf("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"), []))).ShouldBe(new string('a', 66_560));
        foreach (var wrong in new[] { sent.Replace("aaa\r\n400", "aab\r\n400", StringComparison.Ordinal), sent.Replace("b6c6", "b6c7", StringComparison.Ordinal), sent.Replace(";chunk-signature=0055", ";chunk-signature=1055", StringComparison.Ordinal) })
        {
            wrong.ShouldNotBe(sent);
            (await S3Requests.RefusedAsync(() => ReadAsync(Reader(wrong, 1000, 66_560, SignaturesOf("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"), [])))).ShouldBe("SignatureDoesNotMatch");
        }
    }

    [Fact]
    public async Task SignedTrailers_AreThoseOfTheDocumentation()
    {
        const string seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
        string[] signed = [.. Chain(seed), "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"];
        var sent = Chunked(signed, "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n");
        var reader = Reader(sent, 1000, 66_560, SignaturesOf(seed), ["x-amz-checksum-crc32c"]);
        (await ReadAsync(reader)).Length.ShouldBe(66_560);
        reader.Trailers["x-amz-checksum-crc32c"].ShouldBe("sOO8/Q==");

        foreach (var wrong in new[] { sent.Replace("sOO8", "sOO9", StringComparison.Ordinal), sent.Replace("x-amz-trailer-signature:d8", "x-amz-trailer-signature:d9", StringComparison.Ordinal), sent[..sent.IndexOf("x-amz-trailer-sig", StringComparison.Ordinal)] + "\r\n" })
        {
            (await S3Requests.RefusedAsync(() => ReadAsync(Reader(wrong, 1000, 66_560, SignaturesOf(seed), ["x-amz-checksum-crc32c"])))).ShouldBe("SignatureDoesNotMatch");
        }
    }

    // The first two are known only by their beginnings, so they are made here; the third builds on them.
    private static string[] Chain(string seed)
    {
        var key = SignatureVerifier.SigningKey("20130524", "us-east-1", "s3", Secret);
        var made = new List<string>();
        foreach (var size in new[] { 65_536, 1024 })
        {
            const string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
            var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(new string('a', size))));
            var text = $"AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n{Scope}\n{made.LastOrDefault(seed)}\n{empty}\n{hash}";
            made.Add(Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text))));
        }

        made.Select(static signature => signature[..8]).ShouldBe(["b474d886", "1c1344b1"]);
        return [.. made];
    }

    private static ChunkSignatures SignaturesOf(string seed) => new(SignatureVerifier.SigningKey("20130524", "us-east-1", "s3", Secret), "20130524T000000Z", Scope, seed);

    private static string Chunked(string[] signatures, string end) =>
        $"10000;chunk-signature={signatures[0]}\r\n{new string('a', 65_536)}\r\n400;chunk-signature={signatures[1]}\r\n{new string('a', 1024)}\r\n0;chunk-signature={signatures[2]}\r\n{end}";

    private static AwsChunkedReader Reader(string sent, int slice, long? length, ChunkSignatures? signatures = null, string[]? announced = null) =>
        new(new SlicedStream(Encoding.Latin1.GetBytes(sent), slice), length, announced ?? ["x-amz-checksum-crc32"], signatures, "test");

    private static async Task<string> ReadAsync(AwsChunkedReader reader)
    {
        await using (reader)
        {
            var text = new StringBuilder();
            var block = new byte[1500];
            while (await reader.ReadAsync(block) is > 0 and var read)
            {
                text.Append(Encoding.Latin1.GetString(block, 0, read));
            }

            return text.ToString();
        }
    }

    private sealed class SlicedStream(byte[] bytes, int slice) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(slice, buffer.Length)], cancellationToken);
    }
}
