using System.Net;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Dialects.Http.HttpDoorsFixture;

namespace Mayfly.Server.Tests.Dialects.Http;

public sealed class HttpApiTests
{
    [Fact]
    public async Task HttpRoute_BecomesAnEventOfFormat2()
    {
        await using var server = await StartAsync(routes: [OfHttp("GET", "/orders/{id}/{rest+}")]);
        (await server.SendAsync("GET", "/_api/shop/orders/a%20b/c/d%2Fe?q=1")).StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string?)server.Event["routeKey"]).ShouldBe("GET /orders/{id}/{rest+}");
        ((string?)server.Event["rawPath"]).ShouldBe("/orders/a b/c/d/e");
        server.Event["pathParameters"]!.ToJsonString().ShouldBe("""{"id":"a b","rest":"c/d/e"}""");
        ((string?)server.Event["requestContext"]!["accountId"]).ShouldBe("000000000000");
        ((string?)server.Event["requestContext"]!["apiId"])!.Length.ShouldBe(10);
        ((string?)server.Event["requestContext"]!["stage"]).ShouldBe("$default");
        ((string?)server.Event["requestContext"]!["http"]!["path"]).ShouldBe("/orders/a b/c/d/e");
    }

    [Fact]
    public async Task RestRoute_BecomesAnEventOfFormat1()
    {
        await using var server = await StartAsync(routes: [OfRest("POST", "/orders/{id}")]);
        var raw = await server.Host.RawAsync("POST /_api/shop/dev/orders/a%20b?x=1&x=2 HTTP/1.1\r\nHost: localhost\r\nX-Many: a\r\nX-Many: b\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=1");
        raw.ShouldStartWith("HTTP/1.1 200 ");
        var e = server.Event.AsObject();
        e.ContainsKey("version").ShouldBeFalse();
        ((string?)e["resource"]).ShouldBe("/orders/{id}");
        ((string?)e["path"]).ShouldBe("/orders/a%20b");
        ((string?)e["httpMethod"]).ShouldBe("POST");
        ((string?)e["headers"]!["X-Many"]).ShouldBe("b");
        e["multiValueHeaders"]!["X-Many"]!.ToJsonString().ShouldBe("""["a","b"]""");
        e["queryStringParameters"]!.ToJsonString().ShouldBe("""{"x":"2"}""");
        e["multiValueQueryStringParameters"]!.ToJsonString().ShouldBe("""{"x":["1","2"]}""");
        e["pathParameters"]!.ToJsonString().ShouldBe("""{"id":"a b"}""");
        e["stageVariables"].ShouldBeNull();
        ((string?)e["body"]).ShouldBe("a=1");
        ((bool?)e["isBase64Encoded"]).ShouldBe(false);
        var context = e["requestContext"]!;
        ((string?)context["resourcePath"]).ShouldBe("/orders/{id}");
        ((string?)context["path"]).ShouldBe("/dev/orders/a%20b");
        ((string?)context["stage"]).ShouldBe("dev");
        ((string?)context["identity"]!["sourceIp"]).ShouldBe("127.0.0.1");
        context["identity"]!.AsObject().ContainsKey("cognitoIdentityId").ShouldBeTrue();
    }

    [Fact]
    public async Task BareRestRequest_HasNullsForWhatIsNotThere()
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/")]);
        await server.SendAsync("GET", "/_api/shop/dev");
        foreach (var name in (string[])["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"])
        {
            server.Event.AsObject().ContainsKey(name).ShouldBeTrue(name);
            server.Event[name].ShouldBeNull();
        }
    }

    [Fact]
    public async Task HttpRouteOfFormat1_SaysItsVersion()
    {
        await using var server = await StartAsync(routes: [OfHttp("GET", "/a", "1.0")]);
        await server.SendAsync("GET", "/_api/shop/a");
        ((string?)server.Event["version"]).ShouldBe("1.0");
        ((string?)server.Event["requestContext"]!["path"]).ShouldBe("/a");
    }

    [Fact]
    public async Task MultiValueHeaders_MergeWithHeadersAndWin()
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/a")]);
        server.Answers("""{"statusCode":200,"headers":{"X-A":"1","X-B":"2","Set-Cookie":"c=3"},"multiValueHeaders":{"X-A":["1","9"],"Set-Cookie":["a=1","b=2"]},"body":"x"}""");
        var response = await server.SendAsync("GET", "/_api/shop/dev/a");
        response.Headers.GetValues("X-A").ShouldBe(["1", "9"]);
        response.Headers.GetValues("X-B").ShouldBe(["2"]);
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=1", "b=2", "c=3"]);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
    }

    [Theory]
    [InlineData("/_api/shop/dev/nothing", 403, """{"message":"Missing Authentication Token"}""")]
    [InlineData("/_api/shop/nothing", 404, """{"message":"Not Found"}""")]
    [InlineData("/_api/nobody/x", 404, """{"message":"Not Found"}""")]
    [InlineData("/_api", 404, """{"message":"Not Found"}""")]
    public async Task UnknownRoute_IsRefusedInItsFrontsWords(string path, int status, string body)
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/a"), OfHttp("GET", "/b")]);
        var response = await server.SendAsync("GET", path);
        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsStringAsync()).ShouldBe(body);
        response.Headers.GetValues("x-mayfly-reason").Single().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task MethodWithoutRoute_IsRefusedAsApiGatewayDoes()
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/a"), OfHttp("GET", "/b")]);
        (await server.SendAsync("DELETE", "/_api/shop/dev/a")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await server.SendAsync("DELETE", "/_api/shop/b")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"body":"no status"}""")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("""{"statusCode":200,"body":{"an":"object"}}""")]
    public async Task MalformedResultOfFormat1_IsRefusedInItsFrontsWords(string result)
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/a"), OfHttp("GET", "/b", "1.0")]);
        server.Answers(result);
        var rest = await server.SendAsync("GET", "/_api/shop/dev/a");
        rest.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await rest.Content.ReadAsStringAsync()).ShouldBe("""{"message": "Internal server error"}""");
        var http = await server.SendAsync("GET", "/_api/shop/b");
        http.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await http.Content.ReadAsStringAsync()).ShouldBe("""{"message":"Internal Server Error"}""");
    }

    [Theory]
    [InlineData(InvocationErrorKind.Unhandled, 502, 500)]
    [InlineData(InvocationErrorKind.TimedOut, 502, 500)]
    [InlineData(InvocationErrorKind.TooManyRequests, 429, 429)]
    [InlineData(InvocationErrorKind.PayloadTooLarge, 413, 413)]
    [InlineData(InvocationErrorKind.SandboxFailed, 503, 503)]
    public async Task Failure_HasItsStatus(InvocationErrorKind kind, int rest, int http)
    {
        await using var server = await StartAsync(routes: [OfRest("GET", "/a"), OfHttp("GET", "/b")]);
        server.Fails(kind);
        ((int)(await server.SendAsync("GET", "/_api/shop/dev/a")).StatusCode).ShouldBe(rest);
        ((int)(await server.SendAsync("GET", "/_api/shop/b")).StatusCode).ShouldBe(http);
    }

    [Fact]
    public async Task FunctionThatIsSlowerThanApiGatewayWaits_TimesOut()
    {
        var time = new ImpatientTime();
        await using var server = await StartAsync(routes: [OfRest("GET", "/a"), OfHttp("GET", "/b")], time: time);
        var never = new TaskCompletionSource<InvocationResult>();
        server.Answer = _ => new(never.Task);
        var rest = await server.SendAsync("GET", "/_api/shop/dev/a");
        rest.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await rest.Content.ReadAsStringAsync()).ShouldBe("""{"message": "Endpoint request timed out"}""");
        var http = await server.SendAsync("GET", "/_api/shop/b");
        http.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        time.Asked.ShouldBe([TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(30)]);
    }

    [Fact]
    public async Task RouteToAFunctionThatIsGone_SaysSo()
    {
        await using var server = await StartAsync(routes: [OfHttp("GET", "/a", function: "gone")]);
        var response = await server.SendAsync("GET", "/_api/shop/a");
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        response.Headers.GetValues("x-mayfly-reason").Single().ShouldContain("gone");
    }

    /// <summary>A clock whose timers ring at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public List<TimeSpan> Asked { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Asked.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
