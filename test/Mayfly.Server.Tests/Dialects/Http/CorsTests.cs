using System.Net;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Dialects.Http;

public sealed class CorsTests
{
    private static readonly CorsRules Rules = new()
    {
        AllowOrigins = ["https://shop.example", "https://*.trusted.example"],
        AllowMethods = ["GET", "POST"],
        AllowHeaders = ["content-type"],
        ExposeHeaders = ["x-total"],
        MaxAge = 60,
    };

    private static readonly (string, string)[] Preflight = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")];

    [Fact]
    public async Task PreflightOfAUrl_IsAnsweredByThePlatform()
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u", Cors = Rules });
        var response = await server.SendAsync("OPTIONS", "/_url/hello/", null, Preflight);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "Access-Control-Allow-Origin").ShouldBe("https://shop.example");
        Header(response, "Access-Control-Allow-Methods").ShouldBe("GET,POST");
        Header(response, "Access-Control-Allow-Headers").ShouldBe("content-type");
        Header(response, "Access-Control-Max-Age").ShouldBe("60");
        Header(response, "Vary").ShouldBe("Origin");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task PreflightOfAForeignOrigin_GetsNoPermission()
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u", Cors = Rules });
        var response = await server.SendAsync("OPTIONS", "/_url/hello/", null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        response.Headers.Contains("Access-Control-Allow-Methods").ShouldBeFalse();
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://shop.example", "https://shop.example")]
    [InlineData("https://a.trusted.example", "https://a.trusted.example")]
    [InlineData("https://trusted.example.evil", null)]
    [InlineData("null", null)]
    public async Task Answer_HasTheRulesHeadersAndNotTheFunctionsOwn(string origin, string? allowed)
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u", Cors = Rules });
        server.Answers("""{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"},"body":""}""");
        var response = await server.SendAsync("GET", "/_url/hello/", null, ("Origin", origin));
        Header(response, "Access-Control-Allow-Origin").ShouldBe(allowed);
        Header(response, "Access-Control-Expose-Headers").ShouldBe(allowed is null ? null : "x-total");
    }

    [Fact]
    public async Task UrlWithoutRules_LeavesEverythingToTheFunction()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        server.Answers("""{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"},"body":""}""");
        var response = await server.SendAsync("OPTIONS", "/_url/hello/", null, Preflight);
        Header(response, "Access-Control-Allow-Origin").ShouldBe("*");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task StarWithCredentials_RepeatsTheOrigin()
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u", Cors = new() { AllowOrigins = ["*"], AllowMethods = ["*"], AllowHeaders = ["*"], AllowCredentials = true } });
        var response = await server.SendAsync("OPTIONS", "/_url/hello/", null, Preflight);
        Header(response, "Access-Control-Allow-Origin").ShouldBe("https://shop.example");
        Header(response, "Access-Control-Allow-Credentials").ShouldBe("true");
        Header(response, "Access-Control-Allow-Methods").ShouldBe("POST");
        Header(response, "Access-Control-Allow-Headers").ShouldBe("content-type");
    }

    [Fact]
    public async Task HttpApi_AnswersPreflightsOfAllItsPaths()
    {
        await using var server = await HttpDoorsFixture.StartAsync(routes: [HttpDoorsFixture.OfHttp("GET", "/a", cors: Rules)]);
        var response = await server.SendAsync("OPTIONS", "/_api/shop/a", null, Preflight);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Header(response, "Access-Control-Allow-Origin").ShouldBe("https://shop.example");
        Header(await server.SendAsync("GET", "/_api/shop/a", null, ("Origin", "https://shop.example")), "Access-Control-Allow-Origin").ShouldBe("https://shop.example");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task RestApi_AnswersPreflightsAndLeavesAnswersAlone()
    {
        await using var server = await HttpDoorsFixture.StartAsync(routes: [HttpDoorsFixture.OfRest("GET", "/a", Rules)]);
        Header(await server.SendAsync("OPTIONS", "/_api/shop/dev/a", null, Preflight), "Access-Control-Allow-Origin").ShouldBe("https://shop.example");
        server.Requests.ShouldBeEmpty();
        Header(await server.SendAsync("GET", "/_api/shop/dev/a", null, ("Origin", "https://shop.example")), "Access-Control-Allow-Origin").ShouldBeNull();
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
