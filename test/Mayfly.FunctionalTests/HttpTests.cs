using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>HTTP in and out of functions, through real curl: both payload formats, and the errors of API Gateway.</summary>
public sealed class HttpTests(SharedServer shared)
{
    /// <param name="Status">Of the answer.</param>
    /// <param name="Headers">Names in lower case, in the order of the answer.</param>
    private sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
    {
        public string Text => System.Text.Encoding.UTF8.GetString(Body);

        public JsonNode Json => JsonNode.Parse(Body)!;

        public IEnumerable<string> All(string name) => Headers.Where(header => header.Name == name).Select(static header => header.Value);

        public string? One(string name) => All(name).SingleOrDefault();
    }

    [Fact]
    public async Task FunctionUrl_DeliversPayload2()
    {
        var answer = await CurlAsync("/_url/echo/a%20b/c?x=1&x=2&y=%C3%A9", "-H", "X-Own: 1", "-H", "X-Own: 2", "-b", "k1=v1; k2=v2", "-H", "Content-Type: application/json", "-d", "{\"in\": true}");

        answer.Status.ShouldBe(200, answer.Text);
        var seen = answer.Json;
        ((string?)seen["version"]).ShouldBe("2.0");
        ((string?)seen["routeKey"]).ShouldBe("$default");
        ((string?)seen["rawPath"]).ShouldBe("/a%20b/c");
        ((string?)seen["rawQueryString"]).ShouldBe("x=1&x=2&y=%C3%A9");
        ((string?)seen["queryStringParameters"]!["x"]).ShouldBe("1,2");
        ((string?)seen["queryStringParameters"]!["y"]).ShouldBe("é");
        ((string?)seen["headers"]!["x-own"]).ShouldBe("1,2");
        seen["cookies"]!.AsArray().Select(static cookie => (string)cookie!).ShouldBe(["k1=v1", "k2=v2"]);
        ((string?)seen["requestContext"]!["http"]!["method"]).ShouldBe("POST");
        ((string?)seen["body"]).ShouldBe("{\"in\": true}");
        ((bool)seen["isBase64Encoded"]!).ShouldBeFalse();
        seen["headers"]!["x-forwarded-for"].ShouldNotBeNull();
    }

    [Fact]
    public async Task FunctionUrl_AnswersByHostToo()
    {
        var server = await shared.GetAsync();
        var config = JsonNode.Parse(await server.Http.GetStringAsync("/2021-10-31/functions/echo/url"))!;
        var id = new Uri((string)config["FunctionUrl"]!).AbsolutePath.Trim('/').Split('/')[^1];
        var named = await CurlAsync("/by-host", "-H", $"Host: {id}.lambda-url.us-east-1.localhost");
        named.Status.ShouldBe(200, $"{config.ToJsonString()} {named.Text}");
        ((string?)named.Json["rawPath"]).ShouldBe("/by-host");
    }

    [Fact]
    public async Task Answer2_WithCookiesHeadersAndStatus_ComesThrough()
    {
        var answer = await RespondAsync("/_url/respond/", """{"statusCode": 418, "headers": {"X-Own": "v", "Content-Type": "text/plain"}, "cookies": ["a=1; Path=/", "b=2"], "body": "short and stout"}""");
        answer.Status.ShouldBe(418);
        answer.One("x-own").ShouldBe("v");
        answer.One("content-type").ShouldBe("text/plain");
        answer.All("set-cookie").ShouldBe(["a=1; Path=/", "b=2"]);
        answer.Text.ShouldBe("short and stout");
    }

    [Fact]
    public async Task Answer2_WithoutStatusCode_IsJson()
    {
        var answer = await RespondAsync("/_url/respond/", """{"any": ["thing"]}""");
        answer.Status.ShouldBe(200);
        answer.One("content-type").ShouldBe("application/json");
        answer.Json.ToJsonString().ShouldBe("""{"any":["thing"]}""");
    }

    [Theory]
    [InlineData("/_api/e2e/respond1")]
    [InlineData("/_api/e2e/dev/respond")]
    public async Task Answer1_WithMultiValueHeaders_ComesThrough(string path)
    {
        var answer = await RespondAsync(path, """{"statusCode": 201, "headers": {"X-One": "1"}, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-Many": ["m", "n"]}, "body": "made"}""");
        answer.Status.ShouldBe(201, answer.Text);
        answer.One("x-one").ShouldBe("1");
        answer.All("set-cookie").ShouldBe(["a=1", "b=2"]);
        string.Join(',', answer.All("x-many")).ShouldBe("m,n");
        answer.Text.ShouldBe("made");
    }

    [Fact]
    public async Task BinaryBodies_GoBothWays()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[100_000];
        new Random(7).NextBytes(bytes);
        await File.WriteAllBytesAsync(folder["in.bin"], bytes);
        var sent = await CurlAsync("/_url/echo/", "-H", "Content-Type: application/octet-stream", "--data-binary", "@" + folder["in.bin"]);
        ((bool)sent.Json["isBase64Encoded"]!).ShouldBeTrue();
        Convert.FromBase64String((string)sent.Json["body"]!).ShouldBe(bytes);

        await File.WriteAllTextAsync(folder["ask.json"], new JsonObject
        {
            ["statusCode"] = 200,
            ["isBase64Encoded"] = true,
            ["body"] = Convert.ToBase64String(bytes),
            ["headers"] = new JsonObject { ["Content-Type"] = "image/png" },
        }.ToJsonString());
        var got = await CurlAsync("/_url/respond/", "-H", "Content-Type: application/json", "--data-binary", "@" + folder["ask.json"]);
        got.One("content-type").ShouldBe("image/png");
        got.Body.ShouldBe(bytes);
    }

    [Fact]
    public async Task HttpApi_MatchesParametersAndGreedyPaths()
    {
        var item = await CurlAsync("/_api/e2e/items/a%2Fb?q=1");
        item.Status.ShouldBe(200, item.Text);
        ((string?)item.Json["routeKey"]).ShouldBe("GET /items/{id}");
        ((string?)item.Json["pathParameters"]!["id"]).ShouldBeOneOf("a/b", "a%2Fb");
        var greedy = await CurlAsync("/_api/e2e/echo/x/y/z", "-X", "PATCH");
        ((string?)greedy.Json["routeKey"]).ShouldBe("ANY /echo/{proxy+}");
        ((string?)greedy.Json["pathParameters"]!["proxy"]).ShouldBe("x/y/z");
        ((string?)greedy.Json["requestContext"]!["http"]!["method"]).ShouldBe("PATCH");
    }

    [Fact]
    public async Task RestApi_DeliversPayload1()
    {
        // The echo is no answer of the REST form, so the event is read where the function returns it.
        var server = await shared.GetAsync();
        var refused = await CurlAsync("/_api/e2e/dev/rest/7?a=1&a=2");
        refused.Status.ShouldBe(502, refused.Text);
        refused.Json.ToJsonString().ShouldBe("""{"message":"Internal server error"}""");
        refused.One("x-amzn-errortype").ShouldBe("InternalServerErrorException");

        var answer = await RespondAsync("/_api/e2e/dev/respond", """{"statusCode": 200, "body": "rest"}""");
        answer.Text.ShouldBe("rest");
        (await server.InvokeAsync("echo")).FunctionError.ShouldBeNull();
    }

    [Fact]
    public async Task WrongPathsAndMethods_AreAnsweredAsByApiGateway()
    {
        var http = await CurlAsync("/_api/e2e/nothing/here");
        http.Status.ShouldBe(404);
        http.Text.ShouldBe("""{"message":"Not Found"}""");
        (await CurlAsync("/_api/e2e/items/1", "-X", "DELETE")).Status.ShouldBe(404);

        var rest = await CurlAsync("/_api/e2e/dev/nothing");
        rest.Status.ShouldBe(403);
        rest.Text.ShouldBe("""{"message":"Missing Authentication Token"}""");
        (await CurlAsync("/_api/no-such-service/x")).Status.ShouldBe(404);
        (await CurlAsync("/_url/no-such-function/")).Status.ShouldBe(403);
        (await CurlAsync("/_url/broken/")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task LargeBodies_Are413()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["large"], new byte[(6 << 20) + 1]);
        foreach (var (path, text) in new[] { ("/_url/echo/", "Request must be smaller than 6291456 bytes"), ("/_api/e2e/echo/x", "Request Entity Too Large"), ("/_api/e2e/dev/files/x", "Request Too Long") })
        {
            var answer = await CurlAsync(path, "-H", "Content-Type: text/plain", "-H", "Expect:", "--data-binary", "@" + folder["large"]);
            answer.Status.ShouldBe(413, path);
            answer.Text.ShouldContain(text);
        }
    }

    [Fact]
    public async Task FailingFunctions_Are502_OrWhatTheFrontSays()
    {
        var url = await RespondAsync("/_url/fault/", """{"do": "exit"}""");
        url.Status.ShouldBe(502);
        url.Text.ShouldBe("Internal Server Error");
        url.One("x-mayfly-reason")!.ShouldContain("exit status 1");
        var rest = await RespondAsync("/_api/e2e/dev/fault", """{"do": "raise"}""");
        rest.Status.ShouldBe(502);
        rest.Json.ToJsonString().ShouldBe("""{"message":"Internal server error"}""");
        rest.Text.ShouldNotContain("no such luck");
        var malformed = await RespondAsync("/_api/e2e/dev/respond", "\"not an answer\"");
        malformed.Status.ShouldBe(502);
    }

    [Fact]
    public async Task SlowFunctions_Are504_OrWhatTheFrontSays()
    {
        using var rest = await shared.LateAsync(rest: true);
        ((int)rest.StatusCode).ShouldBe(504);
        JsonNode.Parse(await rest.Content.ReadAsStringAsync())!.ToJsonString().ShouldBe("""{"message":"Endpoint request timed out"}""");
        using var http = await shared.LateAsync(rest: false);
        ((int)http.StatusCode).ShouldBe(503);
    }

    [Fact]
    public async Task Preflights_AreAnsweredByThePlatform()
    {
        var url = await CurlAsync("/_url/open/", "-X", "OPTIONS", "-H", "Origin: https://any.example", "-H", "Access-Control-Request-Method: PUT");
        url.Status.ShouldBe(200);
        url.One("access-control-allow-origin").ShouldBe("*");

        var own = await CurlAsync("/_api/e2e/items/1", "-X", "OPTIONS", "-H", "Origin: https://shop.example", "-H", "Access-Control-Request-Method: GET");
        own.Status.ShouldBe(204);
        own.One("access-control-allow-origin").ShouldBe("https://shop.example");
        own.One("access-control-max-age").ShouldBe("600");
        var foreign = await CurlAsync("/_api/e2e/items/1", "-X", "OPTIONS", "-H", "Origin: https://evil.example", "-H", "Access-Control-Request-Method: GET");
        foreign.One("access-control-allow-origin").ShouldBeNull();

        var rest = await CurlAsync("/_api/e2e/dev/respond", "-X", "OPTIONS", "-H", "Origin: https://any.example", "-H", "Access-Control-Request-Method: POST");
        rest.Status.ShouldBeOneOf(200, 204);
        rest.One("access-control-allow-origin").ShouldBe("*");
    }

    [Fact]
    public async Task CorsHeaders_AreOnAnswersToo()
    {
        var answer = await CurlAsync("/_url/open/", "-H", "Origin: https://any.example", "-H", "Content-Type: application/json", "-d", """{"statusCode": 200, "body": "x"}""");
        answer.One("access-control-allow-origin").ShouldBe("*");
        (await CurlAsync("/_api/e2e/items/1", "-H", "Origin: https://shop.example")).One("access-control-allow-origin").ShouldBe("https://shop.example");
    }

    [Fact]
    public async Task HttpServers_GetRequestsAsTheyAre()
    {
        var get = await CurlAsync("/_url/web/a%20b?x=1");
        get.Status.ShouldBe(200, get.Text);
        ((string?)get.Json["path"]).ShouldBe("/a%20b?x=1");
        get.All("set-cookie").ShouldBe(["a=1", "b=2"]);

        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["large"], new byte[8 << 20]);
        var post = await CurlAsync("/_url/web/made", "-H", "Expect:", "--data-binary", "@" + folder["large"]);
        post.Status.ShouldBe(201, post.Text);
        ((int)post.Json["length"]!).ShouldBe(8 << 20);

        var exit = await CurlAsync("/_url/web/exit");
        exit.Status.ShouldBe(502, exit.Text + await (await shared.GetAsync()).LogAsync());
        (await CurlAsync("/_url/web/")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task HeadRequests_HaveNoBody()
    {
        var server = await shared.GetAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/_url/echo/");
        using var answer = await server.Http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(200);
        answer.Content.Headers.ContentLength.ShouldNotBeNull();
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    private Task<Answer> RespondAsync(string path, string body) => CurlAsync(path, "-H", "Content-Type: application/json", "-d", body);

    private async Task<Answer> CurlAsync(string path, params string[] words)
    {
        var curl = Machine.Need("curl", "curl");
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder();
        var outcome = await Tool.RunAsync(curl, ["-sS", "--path-as-is", "-D", folder["head"], "-o", folder["body"], .. words, server.Endpoint + path]);
        outcome.ShouldSucceed();

        // The last block counts: before it there may be a 100 Continue.
        var head = (await File.ReadAllTextAsync(folder["head"])).Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries)[^1].Split("\r\n");
        var headers = head.Skip(1).Select(static line => line.Split(": ", 2)).Select(static pair => (pair[0].ToLowerInvariant(), pair.ElementAtOrDefault(1) ?? "")).ToList();
        return new(int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, File.Exists(folder["body"]) ? await File.ReadAllBytesAsync(folder["body"]) : []);
    }
}
