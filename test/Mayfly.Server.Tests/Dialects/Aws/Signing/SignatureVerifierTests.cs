using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Tests.Dialects.Aws.Signing;

/// <summary>Signatures of the published examples, and of the client library that signs most requests.</summary>
public sealed class SignatureVerifierTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateTimeOffset Then = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/?Param2=value2&Param1=value1", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/ሴ", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("GET", "//", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "/example/..", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "/", "my-header1: value1|my-header2: \"a   b   c\"", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("GET", "/", "my-header1:value2|my-header1:value2|my-header1:value1", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")]
    public void PublishedExample_IsRight_AndNothingElse(string method, string target, string headers, string signature)
    {
        Verify(Example(method, target, headers, signature), Secret).ShouldBe(SignatureVerdict.Right);
        Verify(Example(method, target, headers, signature), Secret + "x").ShouldBe(SignatureVerdict.Wrong);
        Verify(Example("PUT", target, headers, signature), Secret).ShouldBe(SignatureVerdict.Wrong);
        Verify(Example(method, "/other" + target, headers, signature), Secret).ShouldBe(SignatureVerdict.Wrong);
        Verify(Example(method, target + (target.Contains('?', StringComparison.Ordinal) ? "&a=b" : "?a=b"), headers, signature), Secret).ShouldBe(SignatureVerdict.Wrong);
        Verify(Example(method, target, headers, signature[1..] + "0"), Secret).ShouldBe(SignatureVerdict.Wrong);
    }

    [Fact]
    public void Time_MustBeSaidOnceAndNear()
    {
        const string signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        Verify(Example("GET", "/", "", signature), Secret, Then.AddMinutes(4)).ShouldBe(SignatureVerdict.Right);
        Verify(Example("GET", "/", "", signature), Secret, Then.AddMinutes(6)).ShouldBe(SignatureVerdict.Expired);
        Verify(Example("GET", "/", "", signature), Secret, Then.AddMinutes(-6)).ShouldBe(SignatureVerdict.NotYetCurrent);

        var undated = Example("GET", "/", "", signature);
        undated.Headers.Remove("X-Amz-Date");
        Verify(undated, Secret).ShouldBe(SignatureVerdict.Incomplete);
        var otherDay = Example("GET", "/", "", signature);
        otherDay.Headers["X-Amz-Date"] = "20150831T000000Z";
        Verify(otherDay, Secret, Then.AddHours(12)).ShouldBe(SignatureVerdict.Incomplete);
        var hostless = Example("GET", "/", "", signature);
        hostless.Headers.Authorization = hostless.Headers.Authorization.ToString().Replace("host;", "", StringComparison.Ordinal);
        Verify(hostless, Secret).ShouldBe(SignatureVerdict.Incomplete);
    }

    [Fact]
    public void Refusal_SaysWhatTheServiceSays()
    {
        SignatureRefusal.From(SignatureVerdict.Right, Then, Then).ShouldBeNull();
        var wrong = SignatureRefusal.From(SignatureVerdict.Wrong, Then, Then)!;
        (wrong.Status, wrong.Type).ShouldBe((403, "InvalidSignatureException"));
        wrong.Answer.Body.Length.ShouldBe(192);
        SignatureRefusal.From(SignatureVerdict.Expired, Then, Then.AddMinutes(6))!.Message
            .ShouldBe("Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)");
    }

    [Fact]
    public async Task ClientLibrarysSignatures_AreRight()
    {
        var seen = 0;
        foreach (var line in await BotocoreAsync("""
            import json, random
            from botocore.auth import SigV4Auth, SigV4QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            from urllib.parse import quote
            random.seed(7)
            alphabet = "abcXYZ019-._~ !$&'()*+,;=:@/%?#[]{}|\\^\"<>ü€😀"
            def text(n): return ''.join(random.choice(alphabet) for _ in range(random.randrange(n)))
            for i in range(400):
                kind = [SigV4Auth, SigV4QueryAuth, S3SigV4Auth, S3SigV4QueryAuth][i % 4]
                path = '/' + quote(text(20), safe=random.choice(['/~', '/~!$&()*,;=:@+']))
                query = '&'.join(quote(text(6), safe='') + random.choice(['', '=' + quote(text(8), safe='')]) for _ in range(random.randrange(4)))
                body = b'' if 'Query' in kind.__name__ else text(30).encode()
                url = 'http://example.localhost:4566' + path + ('?' + query if query else '')
                request = AWSRequest(random.choice(['GET', 'POST', 'PUT', 'DELETE']), url, data=body, headers={'X-Amz-Meta-A': '  a   b ', 'Content-Type': 'text/plain'} if random.random() < .5 else {})
                kind(Credentials('ASIAEXAMPLE', 'the/secret+key', random.choice([None, 'the/token+is=this'])), 's3' if 'S3' in kind.__name__ else 'lambda', 'eu-west-1').add_auth(request)
                done = request.prepare()
                print(json.dumps({'method': done.method, 'url': done.url, 'headers': [[k, v if isinstance(v, str) else v.decode()] for k, v in done.headers.items()], 'body': body.hex(), 'unsigned': 'S3SigV4Query' in kind.__name__}))
            """))
        {
            var sent = JsonDocument.Parse(line).RootElement;
            var url = sent.GetProperty("url").GetString()!;
            var request = Request(sent.GetProperty("method").GetString()!, url["http://example.localhost:4566".Length..]);
            request.Headers.Host = "example.localhost:4566";
            foreach (var header in sent.GetProperty("headers").EnumerateArray())
            {
                request.Headers[header[0].GetString()!] = header[1].GetString();
            }

            var hash = sent.GetProperty("unsigned").GetBoolean() ? PayloadHash.Unsigned : Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(sent.GetProperty("body").GetString()!)));
            Verify(request, "the/secret+key", DateTimeOffset.UtcNow, hash).ShouldBe(SignatureVerdict.Right, line);
            Verify(request, "other", DateTimeOffset.UtcNow, hash).ShouldBe(SignatureVerdict.Wrong, line);
            seen++;
        }

        seen.ShouldBe(400);
    }

    private static SignatureVerdict Verify(HttpRequest request, string secret, DateTimeOffset? now = null, string payloadHash = Empty)
    {
        SignedRequest.Read(request, out var signed).ShouldBe(SignatureReading.Signed);
        return SignatureVerifier.Verify(request, signed, secret, payloadHash, now ?? Then);
    }

    private static HttpRequest Example(string method, string target, string headers, string signature)
    {
        var request = Request(method, target);
        request.Headers.Host = "example.amazonaws.com";
        request.Headers["X-Amz-Date"] = "20150830T123600Z";
        var names = new SortedSet<string>(StringComparer.Ordinal) { "host", "x-amz-date" };
        foreach (var line in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            request.Headers.Append(line[..colon], line[(colon + 1)..]);
            names.Add(line[..colon]);
        }

        request.Headers.Authorization = string.Create(CultureInfo.InvariantCulture, $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={string.Join(';', names)}, Signature={signature}");
        return request;
    }

    private static HttpRequest Request(string method, string target)
    {
        var request = new DefaultHttpContext().Request;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        request.Method = method;
        request.QueryString = new(question < 0 ? "" : target[question..]);
        request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        return request;
    }

    private static async Task<string[]> BotocoreAsync(string script)
    {
        const string interpreter = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(interpreter), "needs python3 and python3-botocore");
        using var process = Process.Start(new ProcessStartInfo(interpreter, ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.SkipWhen((await error).Contains("No module named", StringComparison.Ordinal), "needs python3-botocore");
        process.ExitCode.ShouldBe(0, await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
