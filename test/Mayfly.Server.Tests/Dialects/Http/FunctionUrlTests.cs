using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Dialects.Http;

public sealed class FunctionUrlTests
{
    [Fact]
    public async Task Request_BecomesTheWholeEvent()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        var before = DateTimeOffset.UtcNow;
        var response = await server.SendAsync("POST", "/_url/hello/a%2Fb/%C3%A4%20c?x=1&y=a%20b&x=2+3&empty=", new StringContent("grüße", Encoding.UTF8, "text/plain"),
            ("Cookie", "one=1; two=2"), ("User-Agent", "test/1"), ("X-Forwarded-For", "10.0.0.9"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);

        var e = server.Event;
        var text = e.ToJsonString();
        ((string?)e["version"]).ShouldBe("2.0");
        ((string?)e["routeKey"]).ShouldBe("$default");
        ((string?)e["rawPath"]).ShouldBe("/a%2Fb/%C3%A4%20c");
        ((string?)e["rawQueryString"]).ShouldBe("x=1&y=a%20b&x=2+3&empty=");
        e["cookies"]!.ToJsonString().ShouldBe("""["one=1","two=2"]""");
        e["queryStringParameters"]!.ToJsonString().ShouldBe("""{"x":"1,2 3","y":"a b","empty":""}""");
        var headers = e["headers"]!.AsObject();
        headers.Select(header => header.Key).ShouldAllBe(name => name == name.ToLowerInvariant());
        headers.ContainsKey("cookie").ShouldBeFalse();
        headers.ContainsKey("connection").ShouldBeFalse();
        ((string?)headers["content-type"]).ShouldBe("text/plain; charset=utf-8");
        ((string?)headers["host"]).ShouldBe($"127.0.0.1:{server.Host.Address.Port}");
        ((string?)headers["x-forwarded-for"]).ShouldBe("10.0.0.9, 127.0.0.1");
        ((string?)headers["x-forwarded-proto"]).ShouldBe("http");
        ((string?)headers["x-forwarded-port"]).ShouldBe(server.Host.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        ((string?)headers["x-amzn-trace-id"])!.ShouldMatch("^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$");
        ((string?)e["body"]).ShouldBe("grüße");
        ((bool?)e["isBase64Encoded"]).ShouldBe(false);
        text.ShouldNotContain("pathParameters");
        text.ShouldNotContain("stageVariables");

        var context = e["requestContext"]!;
        ((string?)context["accountId"]).ShouldBe("anonymous");
        ((string?)context["apiId"]).ShouldBe(HttpDoorsFixture.UrlId);
        ((string?)context["domainName"]).ShouldBe("127.0.0.1");
        ((string?)context["domainPrefix"]).ShouldBe(HttpDoorsFixture.UrlId);
        ((string?)context["stage"]).ShouldBe("$default");
        ((string?)context["routeKey"]).ShouldBe("$default");
        ((string?)context["requestId"]).ShouldBe(server.Requests[0].RequestId);
        ((string?)context["time"])!.ShouldMatch(@"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000$");
        ((long)context["timeEpoch"]!).ShouldBeInRange(before.ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        context["http"]!.ToJsonString().ShouldBe("""{"method":"POST","path":"/a%2Fb/%C3%A4%20c","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"test/1"}""");
        server.Requests[0].Trigger.ShouldBe("http");
    }

    [Fact]
    public async Task RepeatedHeaders_AreJoined()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        await server.Host.RawAsync("GET /_url/hello HTTP/1.1\r\nHost: localhost\r\nX-Many: a\r\nCookie: a=1\r\nx-many: b\r\nCookie: b=2\r\nConnection: close\r\n\r\n");
        ((string?)server.Event["headers"]!["x-many"]).ShouldBe("a,b");
        server.Event["cookies"]!.ToJsonString().ShouldBe("""["a=1","b=2"]""");
    }

    [Fact]
    public async Task AbsoluteTarget_IsReadAsAPath()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        await server.Host.RawAsync("GET http://localhost/_url/hello/a%20b?c=d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        ((string?)server.Event["rawPath"]).ShouldBe("/a%20b");
        ((string?)server.Event["rawQueryString"]).ShouldBe("c=d");
    }

    [Fact]
    public async Task EmptyRequest_LeavesOutWhatIsNotThere()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        await server.SendAsync("GET", "/_url/hello");
        var e = server.Event.AsObject();
        ((string?)e["rawPath"]).ShouldBe("/");
        ((string?)e["rawQueryString"]).ShouldBe("");
        e.ContainsKey("body").ShouldBeFalse();
        e.ContainsKey("cookies").ShouldBeFalse();
        e.ContainsKey("queryStringParameters").ShouldBeFalse();
        ((bool?)e["isBase64Encoded"]).ShouldBe(false);
    }

    [Theory]
    [InlineData("text/html", false)]
    [InlineData("application/json; charset=utf-8", false)]
    [InlineData("application/xml", false)]
    [InlineData("application/javascript", false)]
    [InlineData("application/x-www-form-urlencoded", true)]
    [InlineData("application/octet-stream", true)]
    [InlineData("multipart/form-data; boundary=x", true)]
    [InlineData(null, true)]
    public async Task Body_IsBase64UnlessItsTypeIsText(string? type, bool base64)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        var content = new ByteArrayContent("a=1"u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        await server.SendAsync("POST", "/_url/hello", content);
        ((bool?)server.Event["isBase64Encoded"]).ShouldBe(base64);
        ((string?)server.Event["body"]).ShouldBe(base64 ? "YT0x" : "a=1");
    }

    [Theory]
    [InlineData("/_url/hello/x", "127.0.0.1")]
    [InlineData("/_url/" + HttpDoorsFixture.UrlId + "/x", "127.0.0.1")]
    [InlineData("/x", HttpDoorsFixture.UrlId + ".lambda-url.us-east-1.localhost:4566")]
    [InlineData("/x", HttpDoorsFixture.UrlId + ".lambda-url.us-east-1.localhost")]
    public async Task EveryFormOfAddress_ReachesTheFunction(string path, string host)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        (await server.SendAsync("GET", path, null, ("Host", host))).StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string?)server.Event["rawPath"]).ShouldBe("/x");
        server.Requests[0].Function.Key.Name.ShouldBe("hello");
    }

    [Fact]
    public async Task FunctionOfAnotherRegion_IsFoundByName()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        await server.SendAsync("GET", "/_url/far/");
        server.Requests[0].Function.Key.Region.ShouldBe("eu-west-1");
    }

    [Theory]
    [InlineData("/_url/nobody/", "nobody")]
    [InlineData("/_url/silent/", "has no URL")]
    [InlineData("/_url", "no function")]
    public async Task UnknownUrl_IsForbiddenAsOnAwsWithAReason(string path, string reason)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        var response = await server.SendAsync("GET", path);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldBe("""{"Message":null}""");
        response.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["AccessDeniedException"]);
        response.Headers.GetValues("x-mayfly-reason").Single().ShouldContain(reason);
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"hello":1}""", """{"hello":1}""")]
    [InlineData("""[1,2]""", """[1,2]""")]
    [InlineData("\"plain \\u00e4\"", "plain ä")]
    [InlineData("42", "42")]
    [InlineData("null", "null")]
    public async Task ResultWithoutStatus_IsTheBody(string result, string body)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Answers(result);
        var response = await server.SendAsync("GET", "/_url/hello/");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await response.Content.ReadAsStringAsync()).ShouldBe(body);
    }

    [Fact]
    public async Task FullResult_SetsEveryPartOfTheResponse()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Answers("""{"cookies":["a=1; Path=/","b=2"],"isBase64Encoded":true,"headers":{"content-type":"image/png","X-Number":7,"x-true":true,"x-null":null,"Connection":"close","Content-Length":"99"},"body":"AP+A","statusCode":"201"}""");
        var response = await server.SendAsync("GET", "/_url/hello/");
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=1; Path=/", "b=2"]);
        response.Headers.GetValues("X-Number").ShouldBe(["7"]);
        response.Headers.GetValues("x-true").ShouldBe(["true"]);
        response.Headers.Contains("x-null").ShouldBeFalse();
        response.Headers.GetValues("x-amzn-RequestId").ShouldBe([server.Requests[0].RequestId]);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe([0x00, 0xff, 0x80]);
    }

    [Theory]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("HEAD", 200)]
    public async Task AnswerThatHasNoBody_HasNone(string method, int status)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Answers(new { statusCode = status, body = "not sent" });
        var raw = await server.Host.RawAsync($"{method} /_url/hello/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        raw.ShouldStartWith($"HTTP/1.1 {status} ");
        raw.ShouldEndWith("\r\n\r\n");
    }

    [Theory]
    [InlineData("""{"statusCode":"abc"}""")]
    [InlineData("""{"statusCode":99}""")]
    [InlineData("""{"statusCode":1000}""")]
    [InlineData("""{"statusCode":200,"headers":"x"}""")]
    [InlineData("""{"statusCode":200,"headers":{"X-Split":"a\r\nSet-Cookie: b=1"}}""")]
    [InlineData("""{"statusCode":200,"headers":{"bad name":"a"}}""")]
    [InlineData("""{"statusCode":200,"body":"***","isBase64Encoded":true}""")]
    public async Task ResultThatIsNoResponse_IsABadGateway(string result)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Answers(result);
        var response = await server.SendAsync("GET", "/_url/hello/");
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync()).ShouldBe("Internal Server Error");
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Theory]
    [InlineData(InvocationErrorKind.Unhandled, 502)]
    [InlineData(InvocationErrorKind.InitFailed, 502)]
    [InlineData(InvocationErrorKind.TimedOut, 502)]
    [InlineData(InvocationErrorKind.Exited, 502)]
    [InlineData(InvocationErrorKind.ResponseTooLarge, 502)]
    [InlineData(InvocationErrorKind.TooManyRequests, 429)]
    [InlineData(InvocationErrorKind.PayloadTooLarge, 413)]
    [InlineData(InvocationErrorKind.FunctionNotFound, 403)]
    [InlineData(InvocationErrorKind.RuntimeMissing, 503)]
    [InlineData(InvocationErrorKind.ShuttingDown, 503)]
    public async Task Failure_HasItsStatus(InvocationErrorKind kind, int status)
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Fails(kind);
        ((int)(await server.SendAsync("GET", "/_url/hello/")).StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task FunctionsOwnError_IsNotShownToTheClient()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Fails(InvocationErrorKind.Unhandled);
        var response = await server.SendAsync("GET", "/_url/hello/");
        (await response.Content.ReadAsStringAsync()).ShouldBe("Internal Server Error");
        response.Headers.ToString().ShouldNotContain("secret words");
    }

    [Fact]
    public async Task SignedUrl_WantsASignatureAndShowsTheSigner()
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u1", AuthType = "AWS_IAM" });
        (await server.SendAsync("GET", "/_url/hello/")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        server.Requests.ShouldBeEmpty();

        var signed = await server.SendAsync("GET", "/_url/hello/", null,
            ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00"));
        signed.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string?)server.Event["requestContext"]!["authorizer"]!["iam"]!["accessKey"]).ShouldBe("AKIDEXAMPLE");
        ((string?)server.Event["requestContext"]!["accountId"]).ShouldBe("000000000000");
    }

    [Fact]
    public async Task LargeBody_IsRefusedBeforeAnythingRuns()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        (await server.SendAsync("POST", "/_url/hello/", new ByteArrayContent(new byte[(6 * 1024 * 1024) + 1]))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);

        // Small enough itself, but not as base64 inside an event.
        (await server.SendAsync("POST", "/_url/hello/", new ByteArrayContent(new byte[5 * 1024 * 1024]))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        server.Requests.ShouldBeEmpty();

        (await server.SendAsync("POST", "/_url/hello/", new StringContent(new string('x', 5 * 1024 * 1024)))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ChunkedBodyWithoutEnd_IsRefusedAtTheLimit()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        using var endless = new StreamContent(new Functions.EndlessStream());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_url/hello/") { Content = endless };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = false;
        try
        {
            var response = await server.Host.Client.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        }
        catch (HttpRequestException)
        {
            // The server answered and closed while the client was still sending: the client may see the closing first.
        }

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task HttpServerFunction_GetsTheRequestUnread()
    {
        await using var server = await HttpDoorsFixture.StartAsync(httpServer: true);
        server.Answer = async request =>
        {
            using var reader = new StreamReader(request.Http!.Request.Body);
            var body = await reader.ReadToEndAsync();
            request.Http.Response.Headers["X-Target"] = request.HttpTarget;
            await request.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{body}|{request.Http.Request.Headers["X-Forwarded-Prefix"]}|{request.Payload.Length}"));
            return new() { RequestId = request.RequestId, HttpAnswered = true };
        };
        var response = await server.SendAsync("POST", "/_url/hello/a%20b?q=1", new StringContent("body"));
        response.Headers.GetValues("X-Target").ShouldBe(["/a%20b?q=1"]);
        (await response.Content.ReadAsStringAsync()).ShouldBe("body|/_url/hello|0");
    }

    [Fact]
    public async Task HttpServerFunctionThatFails_IsABadGateway()
    {
        await using var server = await HttpDoorsFixture.StartAsync(httpServer: true);
        server.Fails(InvocationErrorKind.Exited);
        (await server.SendAsync("GET", "/_url/hello/")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }
}
