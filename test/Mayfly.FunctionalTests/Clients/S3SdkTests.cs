using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>Objects through the other SDKs: @aws-sdk/client-s3 and AWSSDK.S3, with links, parts, and bodies that are signed piece by piece.</summary>
public sealed class S3SdkTests(SharedServer shared)
{
    [Fact]
    public async Task TheSdkForJavaScript_StoresReadsLinksAndUploadsInParts()
    {
        var node = Machine.Need("node", "nodejs");
        string[] modules =
        [
            Path.Combine(await NpmPackage.NeedAsync("@aws-sdk/lib-storage", "3.1169.0", "package.json"), "node_modules"),
            Path.Combine(await NpmPackage.NeedAsync("@aws-sdk/s3-request-presigner", "3.1163.0", "package.json"), "node_modules"),
        ];
        var server = await shared.GetAsync();

        var seen = (await Tool.RunAsync(node, ["--no-warnings", ClientFixtures.At("s3.js"), server.Endpoint], environment: new Dictionary<string, string?> { ["NODE_PATH"] = string.Join(':', modules) })).ShouldSucceed().Json;

        seen.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).ShouldBe("""
            {"put":"HCkcow==","got":["Hello World!","red"],"checksums":["y/Q5Jg==",true,"4waSgw==",true,"rosUhgp5mIg=",true,"98O8HYCOBHMq32eZZczDTKeuNEE=",true,"FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",true],"parts":true,"streamed":"streamed","partsLength":13631488,"linkedPut":200,"linkedGet":[200,"text/html","by a link"],"tampered":[403,"SignatureDoesNotMatch"],"keys":9,"deleted":9}
            """);
    }

    [Fact]
    public async Task TheSdkForDotNet_StoresReadsLinksAndUploadsInParts()
    {
        var server = await shared.GetAsync();
        using var s3 = Client(server, "test");
        const string bucket = "from-dotnet";
        await s3.PutBucketAsync(bucket);

        // 1. A stream goes as signed chunks with a signed trailer.
        var put = await s3.PutObjectAsync(new() { BucketName = bucket, Key = "a b/ü+%", InputStream = new MemoryStream("123456789"u8.ToArray()), ContentType = "text/plain" });
        put.ChecksumCRC32.ShouldBe("y/Q5Jg==");
        using (var got = await s3.GetObjectAsync(bucket, "a b/ü+%"))
        using (var reader = new StreamReader(got.ResponseStream))
        {
            (await reader.ReadToEndAsync()).ShouldBe("123456789");
            got.Headers.ContentType.ShouldBe("text/plain");
            got.Headers.ContentEncoding.ShouldBeNullOrEmpty();
        }

        // 2. With another secret the request is refused before its body is taken.
        using var stranger = Client(server, "other");
        (await Should.ThrowAsync<AmazonS3Exception>(() => stranger.PutObjectAsync(new() { BucketName = bucket, Key = "none", ContentBody = "x" }))).ErrorCode.ShouldBe("SignatureDoesNotMatch");

        // 3. In parts.
        var bytes = new byte[13 * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        using (var transfer = new TransferUtility(s3, new TransferUtilityConfig { MinSizeBeforePartUpload = 1024 }))
        {
            await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = bucket, Key = "parts", InputStream = new MemoryStream(bytes), PartSize = 5 * 1024 * 1024 });
        }

        using (var got = await s3.GetObjectAsync(new() { BucketName = bucket, Key = "parts", ByteRange = new(5_000_000, 5_999_999) }))
        {
            got.ETag.ShouldEndWith("-3\"");
            var range = new MemoryStream();
            await got.ResponseStream.CopyToAsync(range);
            range.ToArray().ShouldBe(bytes[5_000_000..6_000_000]);
        }

        // 4. By links.
        var link = s3.GetPreSignedURL(new() { BucketName = bucket, Key = "linked", Verb = HttpVerb.PUT, Expires = DateTime.UtcNow.AddMinutes(1), Protocol = Protocol.HTTP });
        using (var sent = await server.Http.PutAsync(link, new ByteArrayContent("by a link"u8.ToArray())))
        {
            sent.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        link = s3.GetPreSignedURL(new() { BucketName = bucket, Key = "linked", Verb = HttpVerb.GET, Expires = DateTime.UtcNow.AddMinutes(1), Protocol = Protocol.HTTP });
        (await server.Http.GetStringAsync(link)).ShouldBe("by a link");
        using var tampered = await server.Http.GetAsync(link.Replace("/linked", "/parts", StringComparison.Ordinal));
        tampered.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static AmazonS3Client Client(MayflyServer server, string secret) =>
        new(new BasicAWSCredentials("test", secret), new AmazonS3Config { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-1", ForcePathStyle = true, MaxErrorRetry = 0 });
}
