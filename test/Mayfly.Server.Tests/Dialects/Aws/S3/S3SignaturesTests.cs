using Mayfly.Server.Dialects.Aws.S3;
using Mayfly.Server.Dialects.Aws.S3.Auth;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

/// <summary>Links as boto3 makes them, in both kinds of signature, with the key that everybody has.</summary>
public sealed class S3SignaturesTests
{
    private const string OldGet = "http://127.0.0.1:4566/bkt/a%20b/%C3%BC?response-content-type=text%2Fx%20y&versionId=v1&AWSAccessKeyId=test&Signature=6MRCDESTWSextRGT235lutP581A%3D&Expires=1795395660";
    private const string OldPut = "http://127.0.0.1:4566/bkt/k?AWSAccessKeyId=test&Signature=oss5O%2FVrMY57NxEO3ARky9R6xjU%3D&content-type=text%2Fplain&x-amz-meta-a=b&Expires=1795395660";
    private const string NewGet = "http://127.0.0.1:4566/bkt/a%20b/%C3%BC?response-content-type=text%2Fx%20y&versionId=v1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T010000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=50e94c63af0d03991d0d31cc8485b7a7283773a9ddb7a6814f252ba33ef0bfd2";
    private const string NewPut = "http://127.0.0.1:4566/bkt/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T010000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-meta-a&X-Amz-Signature=d8d9b89f9b0fc6a0542a0fdedde01cdedf12232d289922b59111c9049ab43fc5";
    private const string Mismatch = "403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.";

    private static readonly (string, string)[] PutHeaders = [("Content-Type", "text/plain"), ("x-amz-meta-a", "b")];

    [Fact]
    public void Links_AreGood_UntilTheyExpire()
    {
        foreach (var (method, link, headers) in new[] { ("GET", OldGet, []), ("PUT", OldPut, []), ("PUT", OldPut, PutHeaders), ("GET", NewGet, []), ("PUT", NewPut, PutHeaders) })
        {
            var signer = Check(method, link, 59, headers);
            (signer.AccessKey, signer.IsPresigned).ShouldBe(("test", true), link);
            S3Requests.Refused(() => Check(method, link, 61, headers)).ShouldBe("403 AccessDenied: Request has expired", link);
        }

        S3Requests.Refused(() => Check("GET", NewGet, -1000)).ShouldBe("403 AccessDenied: Request is not yet valid");
    }

    [Fact]
    public void ATamperedLink_IsRefused()
    {
        foreach (var link in new[] { OldGet, NewGet })
        {
            foreach (var (method, changed) in new[] { ("PUT", link), ("GET", link.Replace("bkt/a", "bkt/b", StringComparison.Ordinal)), ("GET", link.Replace("versionId=v1", "versionId=v2", StringComparison.Ordinal)), ("GET", link.Replace("text%2Fx", "text%2Fhtml", StringComparison.Ordinal)) })
            {
                S3Requests.Refused(() => Check(method, changed, 1)).ShouldBe(Mismatch, changed);
            }
        }

        S3Requests.Refused(() => Check("GET", OldGet.Replace("Expires=1795395660", "Expires=1895395660", StringComparison.Ordinal), 1)).ShouldBe(Mismatch);
        S3Requests.Refused(() => Check("GET", NewGet.Replace("Expires=60", "Expires=600", StringComparison.Ordinal), 1)).ShouldBe(Mismatch);
        S3Requests.Refused(() => Check("PUT", NewPut, 1, ("Content-Type", "text/html"), ("x-amz-meta-a", "b"))).ShouldBe(Mismatch);
        S3Requests.Refused(() => Check("PUT", NewPut, 1, [.. PutHeaders, ("x-amz-acl", "public-read")])).ShouldBe("403 AccessDenied: There were headers present in the request which were not signed");
    }

    [Fact]
    public void AnUnknownKeysLink_IsTakenAsItIs_ButNotWhenItHasExpired()
    {
        foreach (var link in new[] { OldGet, NewGet })
        {
            var unknown = link.Replace("test", "AKIAOTHER", StringComparison.Ordinal);
            Check("GET", unknown, 1).AccessKey.ShouldBe("AKIAOTHER");
            S3Requests.Refused(() => Check("GET", unknown, 61)).ShouldBe("403 AccessDenied: Request has expired");
        }
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "", "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")]
    [InlineData("X-Amz-Expires=60", "", "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=604801", "X-Amz-Expires must be less than a week (in seconds) that is 604800")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=-1", "X-Amz-Expires must be non-negative")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=soon", "X-Amz-Expires should be a number")]
    [InlineData("test%2F20261123", "test", "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("X-Amz-Date=20261123", "X-Amz-Date=20261124", "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")]
    public void AnUnsoundLink_IsRefused_WhoeverSignedIt(string part, string changed, string message)
    {
        foreach (var link in new[] { NewGet, NewGet.Replace("=test%2F", "=AKIAOTHER%2F", StringComparison.Ordinal) })
        {
            var unsound = link.Replace(part.Replace("test", link == NewGet ? "test" : "AKIAOTHER", StringComparison.Ordinal), changed, StringComparison.Ordinal);
            S3Requests.Refused(() => Check("GET", unsound, 1)).ShouldBe($"400 AuthorizationQueryParametersError: {message}");
        }
    }

    [Fact]
    public void AnOldLinkWithoutAll_IsRefused() =>
        S3Requests.Refused(() => Check("GET", OldGet.Replace("&Expires=1795395660", "", StringComparison.Ordinal), 1)).ShouldBe("403 AccessDenied: Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");

    [Fact]
    public void AHeader_MustBeOfTheseMinutes()
    {
        const string authorization = "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
        (string, string)[] headers = [("Authorization", authorization), ("x-amz-date", "20261123T010000Z"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/k", 1, headers)).ShouldBe(Mismatch);
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/k", 901, headers)).ShouldBe("403 RequestTimeTooSkewed: The difference between the request time and the current time is too large.");
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/k", 1, headers[..2])).ShouldBe("400 InvalidRequest: Missing required header for this request: x-amz-content-sha256");
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/k", 1, ("Authorization", "AWS4-HMAC-SHA256 nothing"))).ShouldStartWith("400 AuthorizationHeaderMalformed");
        Check("GET", "http://127.0.0.1:4566/bkt/k", 1, ("Authorization", "AWS other:sig")).AccessKey.ShouldBe("other");
        Check("GET", "http://127.0.0.1:4566/bkt/k", 1).AccessKey.ShouldBeNull();
    }

    // The example of the documentation, DELETE with a date of Amazon's.
    [Fact]
    public void TheOldHeader_IsChecked()
    {
        const string text = "GET\n\n\nMon, 23 Nov 2026 01:00:00 GMT\nx-amz-meta-a:b\n/bkt/k?acl";
        var right = SignatureV2.Sign("test", text);
        (string, string)[] headers = [("Date", "Mon, 23 Nov 2026 01:00:00 GMT"), ("x-amz-meta-a", "b")];
        Check("GET", "http://127.0.0.1:4566/bkt/k?acl&other=1", 1, [.. headers, ("Authorization", $"AWS test:{right}")]).AccessKey.ShouldBe("test");
        Check("GET", "http://bkt.localhost:4566/k?acl", 1, [.. headers, ("Authorization", $"AWS test:{right}")]).AccessKey.ShouldBe("test");
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/l?acl", 1, [.. headers, ("Authorization", $"AWS test:{right}")])).ShouldBe(Mismatch);
        S3Requests.Refused(() => Check("GET", "http://127.0.0.1:4566/bkt/k?acl", 1000, [.. headers, ("Authorization", $"AWS test:{right}")])).ShouldStartWith("403 RequestTimeTooSkewed");
    }

    private static S3Signer Check(string method, string url, int second, params (string, string)[] headers)
    {
        var time = new SteppedTime();
        time.Advance(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero).AddSeconds(second) - time.GetUtcNow());
        var context = S3Requests.Make(method, url, headers);
        return new S3Signatures(new(null), time).Check(context, S3Target.Read(context.Request.Host.Host, url[url.IndexOf('/', 8)..].Split('?')[0]));
    }
}
