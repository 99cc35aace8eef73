using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Tests.Triggers.Http;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("GET", "/pets/dog/1", "GET /pets/dog/1")]
    [InlineData("GET", "/pets/dog/2", "GET /pets/dog/{id}")]
    [InlineData("POST", "/pets/dog/2", "ANY /{proxy+}")]
    [InlineData("GET", "/pets/cat/2/3", "ANY /{proxy+}")]
    [InlineData("GET", "/pets", "GET /pets")]
    [InlineData("POST", "/pets", "ANY /pets")]
    [InlineData("GET", "/pets/", "ANY /{proxy+}")]
    [InlineData("GET", "/", "$default")]
    [InlineData("GET", "/pets/{id}", "ANY /{proxy+}")]
    public void HttpApi_PicksTheMostSpecificRouteThatHasTheMethod(string method, string path, string expected)
    {
        var table = new RouteTable(
        [
            Http("ANY", "/{proxy+}"), Http("GET", "/pets/dog/{id}"), Http("GET", "/pets/dog/1"), Http("ANY", "/pets"), Http("GET", "/pets"),
            Http("ANY", "$default"),
        ]);
        var route = table.MatchHttp(method, path)!.Route;
        (route.Path == "$default" ? route.Path : $"{route.Method} {route.Path}").ShouldBe(expected);
    }

    [Fact]
    public void RestApi_LetsThePathDecideBeforeTheMethod()
    {
        var table = new RouteTable([Rest("ANY", "/{proxy+}"), Rest("GET", "/pets"), Rest("GET", "/pets/{id}")]);
        table.MatchRest("POST", "/pets", out _).ShouldBeNull();
        table.MatchRest("GET", "/pets/", out _)!.Route.Path.ShouldBe("/pets");
        table.MatchRest("GET", "/pets/1/2", out _)!.Route.Path.ShouldBe("/{proxy+}");
        table.MatchRest("GET", "/", out _).ShouldBeNull();
    }

    [Theory]
    [InlineData("/a%20b/c%2Fd", "a b|c/d")]
    [InlineData("/%E4/x", "%E4|x")]
    [InlineData("/100%/x", "100%|x")]
    public void Parameters_AreDecodedOnceAndStayInTheirSegment(string path, string expected)
    {
        var match = new RouteTable([Http("GET", "/{one}/{two}")]).MatchHttp("GET", path)!;
        match.Parameters.Select(pair => pair.Key).ShouldBe(["one", "two"]);
        string.Join('|', match.Parameters.Select(pair => pair.Value)).ShouldBe(expected);
    }

    [Fact]
    public void ParameterNames_AreTheirRoutesOwn()
    {
        var table = new RouteTable([Http("GET", "/a/{x}"), Http("POST", "/a/{y}"), Http("GET", "/a/{z}/b")]);
        table.MatchHttp("GET", "/a/1")!.Parameters.ShouldBe([new("x", "1")]);
        table.MatchHttp("POST", "/a/1")!.Parameters.ShouldBe([new("y", "1")]);
        table.MatchHttp("GET", "/a/1/b")!.Parameters.ShouldBe([new("z", "1")]);
    }

    [Fact]
    public void DeadEndOfALiteral_FallsBackToAParameter()
    {
        var table = new RouteTable([Http("GET", "/a/b/c"), Http("GET", "/{x}/b/d")]);
        table.MatchHttp("GET", "/a/b/d")!.Parameters.ShouldBe([new("x", "a")]);
    }

    [Fact]
    public void EmptySegment_IsNoParameter() => new RouteTable([Http("GET", "/a/{x}")]).MatchHttp("GET", "/a/").ShouldBeNull();

    private static HttpRoute Http(string method, string path) => new() { Rest = false, Method = method, Path = path, Function = "f", PayloadFormat = "2.0" };

    private static HttpRoute Rest(string method, string path) => new() { Rest = true, Method = method, Path = path, Function = "f", PayloadFormat = "1.0" };
}
