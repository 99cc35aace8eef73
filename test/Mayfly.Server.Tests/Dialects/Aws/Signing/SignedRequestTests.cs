using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects.Aws.Signing;

public sealed class SignedRequestTests
{
    private const string Good = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa0";

    [Theory]
    [InlineData(Good)]
    [InlineData("AWS4-HMAC-SHA256 Signature=5fa0,SignedHeaders=host;x-amz-date,Credential=AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request")]
    public void Header_IsReadInAnyOrder(string header)
    {
        var request = Request(header);
        SignedRequest.Read(request, out var signed).ShouldBe(SignatureReading.Signed);
        signed.Algorithm.ShouldBe(SigningAlgorithm.HmacSha256);
        signed.AccessKey.ToString().ShouldBe("AKIDEXAMPLE");
        signed.Date.ToString().ShouldBe("20150830");
        signed.Region.ToString().ShouldBe("us-east-1");
        signed.Service.ToString().ShouldBe("lambda");
        signed.Scope.ToString().ShouldBe("20150830/us-east-1/lambda/aws4_request");
        signed.SignedHeaders.ToString().ShouldBe("host;x-amz-date");
        signed.Signature.ToString().ShouldBe("5fa0");
        signed.SessionToken.ShouldBe("token");
        signed.IsPresigned.ShouldBeFalse();
    }

    [Fact]
    public void KeyPairSignature_IsRecognisedAndHasNoRegion()
    {
        SignedRequest.Read(Request("AWS4-ECDSA-P256-SHA256 Credential=AKID/20150830/lambda/aws4_request, SignedHeaders=host;x-amz-region-set, Signature=3045ab"), out var signed).ShouldBe(SignatureReading.Signed);
        signed.Algorithm.ShouldBe(SigningAlgorithm.EcdsaP256Sha256);
        signed.Region.IsEmpty.ShouldBeTrue();
        signed.Service.ToString().ShouldBe("lambda");
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA256 ")]
    [InlineData("AWS4-HMAC-SHA1 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request/x, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/other, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/2015083x/r/s/aws4_request, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=Host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host;;date, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host;, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0g")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00, Signature=01")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00, Other=1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request,, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 xCredential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00")]
    public void HeaderThatIsNoSignature_IsMalformed(string header) => SignedRequest.Read(Request(header), out _).ShouldBe(SignatureReading.Malformed);

    [Theory]
    [InlineData("")]
    [InlineData("Bearer AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00")]
    [InlineData("Basic QTpC")]
    public void OtherAuthorization_IsNoSignature(string header) => SignedRequest.Read(Request(header), out _).ShouldBe(SignatureReading.Absent);

    [Fact]
    public void TwoHeaders_AreMalformed()
    {
        var request = Request(Good);
        request.Headers.Authorization = new([Good, Good]);
        SignedRequest.Read(request, out _).ShouldBe(SignatureReading.Malformed);
    }

    [Fact]
    public void PresignedQuery_IsRead_AndAnIncompleteOneIsMalformed()
    {
        const string query = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Feu-west-1%2Flambda%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=t%2Bk&X-Amz-Signature=ab12";
        var request = new DefaultHttpContext().Request;
        request.QueryString = new(query);
        SignedRequest.Read(request, out var signed).ShouldBe(SignatureReading.Signed);
        signed.IsPresigned.ShouldBeTrue();
        signed.Region.ToString().ShouldBe("eu-west-1");
        signed.SessionToken.ShouldBe("t+k");

        foreach (var name in new[] { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature" })
        {
            request = new DefaultHttpContext().Request;
            request.QueryString = new(query.Replace(name, "x", StringComparison.Ordinal));
            SignedRequest.Read(request, out _).ShouldBe(SignatureReading.Malformed, name);
        }

        request = new DefaultHttpContext().Request;
        request.QueryString = new("?X-Amz-Date=1");
        SignedRequest.Read(request, out _).ShouldBe(SignatureReading.Absent);
    }

    [Fact]
    public void ReadingAHeader_AllocatesNothing()
    {
        var request = Request(Good);
        var allocated = -1L;

        // Code that was not optimised yet boxes; when it is optimised is the runtime's to say.
        for (var begun = TimeProvider.System.GetTimestamp(); allocated != 0 && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30);)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                SignedRequest.Read(request, out _);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        allocated.ShouldBe(0);
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=111122223333/20150830/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=00", "111122223333", "eu-west-1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=test/20150830/EU_WEST/lambda/aws4_request, SignedHeaders=host, Signature=00", "000000000000", "us-east-1")]
    [InlineData("AWS4-HMAC-SHA256 nonsense", "000000000000", "us-east-1")]
    public void Scope_ComesFromTheCredentialWhereItSaysOne(string header, string account, string region) =>
        AwsScope.Of(Request(header), new ServerSettings { StoreFolder = "/", ShimsFolder = "/", InterpretersFile = "/" }).ShouldBe(new(account, region));

    [Theory]
    [InlineData("UNSIGNED-PAYLOAD", true)]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true)]
    [InlineData("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", true)]
    [InlineData("STREAMING-OTHER", false)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    public void PayloadName_CountsOnlyWhenItIsKnown(string value, bool known)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers["x-amz-content-sha256"] = value;
        PayloadHash.NamedBy(request).ShouldBe(known ? value : null);
    }

    private static HttpRequest Request(string authorization)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Authorization = authorization;
        request.Headers["X-Amz-Security-Token"] = "token";
        return request;
    }
}
