using System.Text;
using Mayfly.Server.Dialects.Aws.S3.Auth;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

/// <summary>Forms as boto3 prepares them, in both kinds of signature.</summary>
public sealed class PostFormTests
{
    private const string OldPolicy = "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjNUMDE6MDE6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJhY2wiOiAicHJpdmF0ZSJ9LCBbImNvbnRlbnQtbGVuZ3RoLXJhbmdlIiwgMSwgMTBdLCB7ImJ1Y2tldCI6ICJia3QifSwgWyJzdGFydHMtd2l0aCIsICIka2V5IiwgInVwLyJdXX0=";
    private const string NewPolicy = "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjNUMDE6MDE6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJhY2wiOiAicHJpdmF0ZSJ9LCBbImNvbnRlbnQtbGVuZ3RoLXJhbmdlIiwgMSwgMTBdLCB7ImJ1Y2tldCI6ICJia3QifSwgWyJzdGFydHMtd2l0aCIsICIka2V5IiwgInVwLyJdLCB7IngtYW16LWFsZ29yaXRobSI6ICJBV1M0LUhNQUMtU0hBMjU2In0sIHsieC1hbXotY3JlZGVudGlhbCI6ICJ0ZXN0LzIwMjYxMTIzL3VzLWVhc3QtMS9zMy9hd3M0X3JlcXVlc3QifSwgeyJ4LWFtei1kYXRlIjogIjIwMjYxMTIzVDAxMDAwMFoifV19";

    private static (string Name, string Value)[] Old => [("acl", "private"), ("key", "up/${filename}"), ("AWSAccessKeyId", "test"), ("policy", OldPolicy), ("signature", "aMJf4SBlZx7RI6tFBgu46oVkEZI=")];

    private static (string Name, string Value)[] New =>
    [
        ("acl", "private"), ("key", "up/${filename}"), ("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", "test/20261123/us-east-1/s3/aws4_request"),
        ("x-amz-date", "20261123T010000Z"), ("policy", NewPolicy), ("x-amz-signature", "7d254bcff6631475471255d06cd3941e463ef731aa129e3383fe9230d75a14d0"),
    ];

    [Fact]
    public async Task AForm_IsReadUpToItsFile_AndThePolicyHolds()
    {
        foreach (var fields in new[] { Old, New })
        {
            var form = await FormAsync(fields);
            form.Field("KEY").ShouldBe("up/my file.txt");
            using var reader = new StreamReader(form.File);
            (await reader.ReadToEndAsync()).ShouldBe("the\r\n--file");
            Check(form, 1).ShouldBe((1, 10, "test"));
        }
    }

    [Fact]
    public async Task AForm_ThatThePolicyDoesNotAllow_IsRefused()
    {
        foreach (var fields in new[] { Old, New })
        {
            await RefusedAsync(fields, "403 AccessDenied: Invalid according to Policy: Policy expired.", second: 61);
            await RefusedAsync(With(fields, "key", "down/x"), "403 AccessDenied: Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\", \"up/\"]");
            await RefusedAsync(With(fields, "acl", "public-read"), "403 AccessDenied: Invalid according to Policy: Policy Condition failed: [\"eq\", \"$acl\", \"private\"]");
            await RefusedAsync([.. fields, ("x-amz-meta-a", "b")], "403 AccessDenied: Invalid according to Policy: Extra input fields: x-amz-meta-a");
            await RefusedAsync(With(fields, "policy", OldPolicy[..^4] + "fX0="), "403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.");
            await RefusedAsync(fields, "403 AccessDenied: Invalid according to Policy: Policy Condition failed: [\"eq\", \"$bucket\", \"bkt\"]", bucket: "other");
            Check(await FormAsync([.. fields, ("x-ignore-me", "b")]), 1).AccessKey.ShouldBe("test");
        }
    }

    [Fact]
    public async Task APolicyOfAnUnknownKey_MustBeOne()
    {
        await RefusedAsync(Signed("not base64"), "400 InvalidPolicyDocument: Invalid Policy: Invalid JSON.");
        await RefusedAsync(Signed(Encode("{}")), "400 InvalidPolicyDocument: Invalid Policy: Invalid JSON.");
        await RefusedAsync(Signed(Encode("""{"expiration": "2026-11-23T02:00:00Z", "conditions": [{"a": "b", "c": "d"}]}""")), "400 InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
        await RefusedAsync(Signed(Encode("""{"expiration": "soon", "conditions": []}""")), "400 InvalidPolicyDocument: Invalid Policy: Invalid 'expiration' value.");
        await RefusedAsync(Signed(Encode("""{"expiration": "2026-11-23T02:00:00Z", "conditions": [["is", "$key", "a"]]}""")), "400 InvalidPolicyDocument: Invalid Policy: Invalid Condition: is");
        Check(await FormAsync(Signed(Encode("""{"expiration": "2026-11-23T02:00:00Z", "conditions": [["starts-with", "$key", ""]]}"""))), 1).ShouldBe((0, long.MaxValue, "other"));
        Check(await FormAsync([("key", "k")]), 1).ShouldBe((0, long.MaxValue, null));

        static string Encode(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json));

        static (string, string)[] Signed(string policy) => [("key", "k"), ("AWSAccessKeyId", "other"), ("policy", policy), ("signature", "any")];
    }

    [Fact]
    public async Task AForm_WithoutKeyOrFile_OrWithTooMuch_IsRefused()
    {
        (await S3Requests.RefusedAsync(() => FormAsync([("acl", "private")]))).ShouldBe("InvalidArgument");
        (await S3Requests.RefusedAsync(() => FormAsync([("key", "k")], withFile: false))).ShouldBe("InvalidArgument");
        (await S3Requests.RefusedAsync(() => FormAsync([("key", "k"), ("policy", new string('p', 20 * 1024))]))).ShouldBe("MaxPostPreDataLengthExceeded");
        (await S3Requests.RefusedAsync(() => ReadAsync("multipart/form-data", "x"))).ShouldBe("MalformedPOSTRequest");
        (await S3Requests.RefusedAsync(() => ReadAsync("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk"))).ShouldBe("MalformedPOSTRequest");
        (await S3Requests.RefusedAsync(() => ReadAsync("multipart/form-data; boundary=b", $"--b\r\nX: {new string('h', 10_000)}\r\n\r\nk\r\n--b--"))).ShouldBe("MalformedPOSTRequest");
    }

    private static async Task RefusedAsync((string, string)[] fields, string refusal, int second = 1, string bucket = "bkt")
    {
        var form = await FormAsync(fields);
        S3Requests.Refused(() => Check(form, second, bucket)).ShouldBe(refusal);
    }

    private static (string, string)[] With((string Name, string Value)[] fields, string name, string value) => [.. fields.Select(field => field.Name == name ? (name, value) : field)];

    private static (long Least, long Most, string? AccessKey) Check(PostForm form, int second, string bucket = "bkt")
    {
        var time = new SteppedTime();
        time.Advance(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero).AddSeconds(second) - time.GetUtcNow());
        return new PostPolicy(new(null), time).Check(form, bucket);
    }

    private static Task<PostForm> FormAsync((string Name, string Value)[] fields, bool withFile = true)
    {
        var body = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            body.Append($"--bound\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }

        if (withFile)
        {
            body.Append("--bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\my file.txt\"\r\nContent-Type: text/plain\r\n\r\nthe\r\n--file\r\n--bound\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n");
        }

        return ReadAsync("multipart/form-data; boundary=bound", body + "--bound--\r\n");
    }

    private static Task<PostForm> ReadAsync(string type, string body)
    {
        var context = S3Requests.Make("POST", "http://127.0.0.1:4566/bkt", ("Content-Type", type));
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return PostForm.ReadAsync(context);
    }
}
