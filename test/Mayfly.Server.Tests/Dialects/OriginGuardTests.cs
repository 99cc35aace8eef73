using System.Net;
using Mayfly.Server.Dialects;
using Mayfly.Server.Tests.Dialects.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects;

public sealed class OriginGuardTests
{
    [Theory]
    [InlineData("127.0.0.1:4566", DoorKind.Control, null)]
    [InlineData("localhost", DoorKind.Control, null)]
    [InlineData("LOCALHOST.:80", DoorKind.Control, null)]
    [InlineData("[::1]:4566", DoorKind.Control, null)]
    [InlineData("s3.us-east-1.localhost:4566", DoorKind.Control, null)]
    [InlineData("127.0.0.1.evil.example", DoorKind.Open, "UnknownHost")]
    [InlineData("evil.example:4566", DoorKind.Open, "UnknownHost")]
    [InlineData("notlocalhost", DoorKind.Control, "UnknownHost")]
    [InlineData("192.168.1.5", DoorKind.Control, "UnknownHost")]
    [InlineData("", DoorKind.Control, "UnknownHost")]
    public void Host_MustBeLocal(string host, DoorKind kind, string? code)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Host = new HostString(host);
        OriginGuard.Refusal(context.Request, kind)?.Code.ShouldBe(code);
        (OriginGuard.Refusal(context.Request, kind) is null).ShouldBe(code is null);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4566", true)]
    [InlineData("http://127.0.0.1:3000", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public void Origin_MustBeTheServersOwnAtAControlDoor(string origin, bool passes)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("127.0.0.1:4566");
        context.Request.Headers.Origin = origin;
        (OriginGuard.Refusal(context.Request, DoorKind.Control) is null).ShouldBe(passes);
        OriginGuard.Refusal(context.Request, DoorKind.Open).ShouldBeNull();
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://app.localhost", true)]
    [InlineData("http://127.0.0.1:3000", true)]
    [InlineData("http://[::1]", true)]
    [InlineData("https://localhost.evil.example", false)]
    [InlineData("file://localhost", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public void APageOfThisMachine_IsKnown(string origin, bool local) => OriginGuard.IsOfThisMachine(origin).ShouldBe(local);

    [Fact]
    public async Task ForeignPage_IsToldWhyItIsRefused()
    {
        await using var host = await DoorsHost.StartAsync(new Door("test", DoorKind.Control, new EveryDoor()));
        var response = await host.SendAsync("POST", "/x", new StringContent(""), ("Origin", "https://evil.example"));
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldContain("ForeignOrigin");
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        (await host.SendAsync("GET", "/x", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await host.SendAsync("GET", "/x", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ForeignHost_IsRefusedAlsoWhereNoDoorIs()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        var response = await server.SendAsync("GET", "/_url/hello/", null, ("Host", "evil.example"));
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldContain("UnknownHost");
        (await server.SendAsync("GET", "/nothing", null, ("Host", "evil.example"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task PathWithoutADoor_NamesTheDoors()
    {
        await using var server = await HttpDoorsFixture.StartAsync();
        var response = await server.SendAsync("GET", "/nothing");
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync()).ShouldContain("/_url/");
    }

    [Fact]
    public async Task Bug_IsAnsweredWithoutItsDetails()
    {
        await using var host = await DoorsHost.StartAsync(new Door("test", DoorKind.Control, new EveryDoor { Fail = true }));
        var response = await host.SendAsync("GET", "/x");
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).ShouldNotContain("inner secret");
    }

    private sealed class EveryDoor : IDoor
    {
        public bool Fail { get; init; }

        public bool Accepts(HttpContext context) => true;

        public Task HandleAsync(HttpContext context) => Fail ? throw new InvalidOperationException("inner secret") : context.Response.WriteAsync("fine");
    }
}
