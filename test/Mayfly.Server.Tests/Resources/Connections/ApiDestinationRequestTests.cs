using System.Text;
using System.Text.Json;
using Mayfly.Server.Resources.Connections;

namespace Mayfly.Server.Tests.Resources.Connections;

public sealed class ApiDestinationRequestTests
{
    private const string Values = """
        {"HeaderParameters": [{"Key": "X-Same", "Value": "connection", "IsValueSecret": true}, {"Key": "Content-Type", "Value": "application/vnd.a+json"}, {"Key": "Host", "Value": "other"}],
         "QueryStringParameters": [{"Key": "same", "Value": "connection"}],
         "BodyParameters": [{"Key": "added", "Value": "b"}]}
        """;

    [Fact]
    public async Task WhatConnectionAndTargetSay_MakesOneRequest_AndTheConnectionHolds()
    {
        var request = Make("https://example.org/*/orders/*?fixed=1", Values, """
            {"PathParameterValues": ["a b", "../c"], "HeaderParameters": {"X-Same": "target", "X-Own": "o"}, "QueryStringParameters": {"same": "target", "own": "ü&"}}
            """);

        request.RequestUri!.AbsoluteUri.ShouldBe("https://example.org/a%20b/orders/..%2Fc?fixed=1&own=%C3%BC%26&same=connection");
        request.Headers.GetValues("X-Same").ShouldBe(["connection"]);
        request.Headers.GetValues("X-Own").ShouldBe(["o"]);
        request.Headers.GetValues("Authorization").ShouldBe(["Basic eA=="]);
        request.Headers.Host.ShouldBeNull();
        request.Content!.Headers.ContentType!.ToString().ShouldBe("application/vnd.a+json");
        (await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"n":1,"added":"b"}""");
    }

    [Theory]
    [InlineData("https://example.org/", """{"HeaderParameters": {"X-A": "a\r\nX-B: b"}}""", "{}")]
    [InlineData("ftp://example.org/", "{}", "{}")]
    [InlineData("https://*", """{"PathParameterValues": [""]}""", "{}")]
    [InlineData("https://example.org/a/*", """{"PathParameterValues": [".."]}""", "{}")]
    [InlineData("https://example.org/", "{}", "[1]")]
    public void WhatMakesNoRequest_IsSaid(string endpoint, string target, string payload) =>
        Should.Throw<FormatException>(() => Make(endpoint, Values, target, payload));

    [Theory]
    [InlineData("http://127.0.0.1:4566/_mayfly/api/clock", true)]
    [InlineData("http://localhost:4566/_MAYFLY/health", true)]
    [InlineData("http://anything.example:4566/x/%2e%2e/%5fmayfly/api", true)]
    [InlineData("http://127.0.0.1:4567/_mayfly/api", false)]
    [InlineData("http://127.0.0.1:4566/_url/f/", false)]
    public void TheAdminApi_IsNeverAsked(string url, bool refused) => OwnDoors.Refuses(new(url), 4566).ShouldBe(refused);

    [Fact]
    public void WhatIsSecret_IsNotShown_AndAChangeKeepsTheRest()
    {
        const string parameters = """
            {"OAuthParameters": {"ClientParameters": {"ClientID": "me", "ClientSecret": "s1"}, "AuthorizationEndpoint": "https://a", "HttpMethod": "POST",
             "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": false}, {"Key": "k", "Value": "s2", "IsValueSecret": true}]}}}
            """;
        ConnectionSecrets.Shown(parameters).ToJsonString().ShouldBe(
            """{"OAuthParameters":{"ClientParameters":{"ClientID":"me"},"AuthorizationEndpoint":"https://a","HttpMethod":"POST","OAuthHttpParameters":{"BodyParameters":[{"Key":"scope","Value":"all","IsValueSecret":false},{"Key":"k","IsValueSecret":true}]}}}""");

        var merged = ConnectionSecrets.Merge(parameters, """{"OAuthParameters": {"ClientParameters": {"ClientID": "you"}}}""", Connection.OAuth);
        ((string?)merged["OAuthParameters"]!["ClientParameters"]!["ClientSecret"]).ShouldBe("s1");
        ((string?)merged["OAuthParameters"]!["ClientParameters"]!["ClientID"]).ShouldBe("you");
        ConnectionSecrets.Merge(parameters, """{"BasicAuthParameters": {"Username": "u", "Password": "p"}}""", Connection.Basic).Select(static member => member.Key).ShouldBe(["BasicAuthParameters"]);
    }

    [Fact]
    public void ASecond_HasRoomForItsLimit_AndWhoWaitsHasAMoment()
    {
        var (pace, start) = (new RequestPace(2), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        pace.Take("a", start).ShouldBeNull();
        pace.Take("b", start.AddMilliseconds(300)).ShouldBeNull();
        pace.Take("c", start.AddMilliseconds(400)).ShouldBe(start.AddSeconds(1));
        pace.Take("d", start.AddMilliseconds(400)).ShouldBe(start.AddMilliseconds(1300));
        pace.Take("c", start.AddMilliseconds(500)).ShouldBe(start.AddSeconds(1));
        pace.Take("c", start.AddSeconds(1)).ShouldBeNull();
        pace.Take("e", start.AddSeconds(1)).ShouldBe(start.AddSeconds(2));
        pace.Take("f", start.AddSeconds(9)).ShouldBeNull();
    }

    private static HttpRequestMessage Make(string endpoint, string values, string target, string payload = """{"n":1}""")
    {
        using var document = JsonDocument.Parse(values);
        var destination = new ApiDestination
        {
            Name = new("000000000000", "us-east-1", "d"),
            Id = "1",
            ConnectionArn = "",
            Endpoint = endpoint,
            HttpMethod = "POST",
            RateLimit = 1,
            CreationTime = default,
            LastModifiedTime = default,
        };
        return ApiDestinationRequest.Make(destination, new("Authorization", "Basic eA=="), new(document.RootElement), target, Encoding.UTF8.GetBytes(payload));
    }
}
