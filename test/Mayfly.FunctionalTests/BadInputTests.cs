using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Bad input: a clear error each, nothing half-created, nothing lost.</summary>
public sealed class BadInputTests(SharedServer shared)
{
    public static TheoryData<string, string> BadZips { get; } = new()
    {
        { "dotdot", "leads out of the zip" },
        { "absolute", "absolute path" },
        { "link-absolute", "link" },
        { "link-dotdot", "link" },
        { "bomb", "262144000" },
        { "no-zip", "zip" },
        { "empty", "zip" },
        { "truncated", "zip" },
    };

    [Theory]
    [MemberData(nameof(BadZips))]
    public async Task HostileZip_IsRefused_AndNothingIsMade(string kind, string part)
    {
        var server = await shared.GetAsync();
        var good = Zip.Of(("app.py", "def handler(event, context):\n    return 1\n"));
        var zip = kind switch
        {
            "dotdot" => Zip.Of(("app.py", "x"), ("../../evil.py", "x")),
            "absolute" => Zip.Of(("/tmp/evil.py", "x")),
            "link-absolute" => Zip.WithLink("data", "/etc/passwd"),
            "link-dotdot" => Zip.WithLink("deep/data", "../../../evil"),
            "bomb" => Zip.Bomb(),
            "no-zip" => Encoding.UTF8.GetBytes("this is no zip file"),
            "empty" => [],
            _ => good[..(good.Length / 2)],
        };
        var before = await LambdaApi.NamesAsync(server);

        using var answer = await LambdaApi.TryCreateAsync(server, LambdaApi.Body("from-bad-zip", "python3.11", "app.handler", zip));

        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(400, text);
        text.ShouldContain(part, Case.Insensitive);
        answer.Headers.GetValues("x-amzn-ErrorType").Single().ShouldBeOneOf("InvalidParameterValueException", "ValidationException");
        (await LambdaApi.NamesAsync(server)).ShouldBe(before, ignoreOrder: true);
        (await LambdaApi.TryCreateAsync(server, LambdaApi.Body("from-bad-zip", "python3.11", "app.handler", good))).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await server.Http.DeleteAsync("/2015-03-31/functions/from-bad-zip")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("bad name")]
    [InlineData("bad/name")]
    [InlineData("é")]
    [InlineData("")]
    [InlineData("a-name-that-is-longer-than-the-sixty-four-characters-that-are-allowed")]
    public async Task BadName_IsRefused(string name)
    {
        var server = await shared.GetAsync();
        using var answer = await LambdaApi.TryCreateAsync(server, LambdaApi.Body(name, "python3.11", "app.handler", Zip.Of(("app.py", "x"))));
        ((int)answer.StatusCode).ShouldBe(400);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("functionName");
    }

    [Fact]
    public async Task UnknownRuntime_IsRefused_WithTheKnownOnes()
    {
        var server = await shared.GetAsync();
        using var answer = await LambdaApi.TryCreateAsync(server, LambdaApi.Body("odd", "cobol85", "app.handler", Zip.Of(("app.py", "x"))));
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(400, text);
        text.ShouldContain("cobol85");
        text.ShouldContain("python3.11");
        text.ShouldContain("nodejs20.x");
        (await LambdaApi.NamesAsync(server)).ShouldNotContain("odd");
    }

    [Fact]
    public async Task MissingHandler_IsToldAtInvoke()
    {
        var server = await shared.GetAsync();
        await LambdaApi.CreateAsync(server, "handlerless", "python3.11", "elsewhere.handler", Zip.Of(("app.py", "x = 1\n")));
        var answer = await server.InvokeAsync("handlerless");
        answer.FunctionError.ShouldBe("Unhandled");
        answer.ErrorType.ShouldBe("Runtime.ImportModuleError");
        answer.ErrorMessage.ShouldBe("Unable to import module 'elsewhere': No module named 'elsewhere'");
    }

    [Theory]
    [InlineData("functions:\n  a:\n    handlr: app.handler\n", 6, "handlr", "handler")]
    [InlineData("functons:\n  a:\n    handler: app.handler\n", 4, "functons", "functions")]
    [InlineData("functions:\n  a:\n    handler: app.handler\n    runtime: pyton3.11\n", 7, "pyton3.11", "python3.11")]
    [InlineData("functions:\n  a:\n    handler: app.handler\n    memorySize: lots\n", 7, "memorySize", "whole number")]
    [InlineData("functions:\n  a:\n    handler: ${self:custom.missing}\n", 6, "custom.missing", "")]
    [InlineData("functions:\n  a: [\n", 6, "", "")]
    public async Task WrongManifest_IsToldWithFileLineAndTheNearestKey(string rest, int line, string key, string nearest)
    {
        using var project = new TemporaryFolder()
            .Write("serverless.yml", "service: wrong\n# a comment\nprovider: { name: aws, runtime: python3.11 }\n" + rest)
            .Write("app.py", "def handler(event, context):\n    return 1\n");

        var outcome = await MayflyProcess.RunAsync(["up", project.Path, "--port", Machine.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture)], project.Path);

        outcome.Status.ShouldBe(2, outcome.Text + outcome.Error);
        outcome.Error.ShouldMatch($"serverless\\.yml:{line}\\b");
        outcome.Error.ShouldContain(key);
        outcome.Error.ShouldContain(nearest);
        outcome.Error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("/2015-03-31/functions/echo/invocations")]
    [InlineData("/2015-03-31/functions")]
    [InlineData("/_mayfly/api/services/e2e")]
    public async Task PageOfAnotherOrigin_IsRefused(string path)
    {
        var server = await shared.GetAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        request.Headers.Add("Origin", "https://evil.example");
        using var answer = await server.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Origin");
    }

    [Theory]
    [InlineData("/2015-03-31/functions")]
    [InlineData("/_url/echo/")]
    [InlineData("/_mayfly/api/functions")]
    public async Task ForeignHost_IsRefused(string path)
    {
        var server = await shared.GetAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = "rebound.example";
        using var answer = await server.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Host");
    }

    [Fact]
    public async Task PayloadOverTheLimit_Is413()
    {
        var server = await shared.GetAsync();
        var fits = new string('x', (6 << 20) - 2);
        var sent = await server.InvokeAsync("echo", $"\"{fits}\"");
        sent.Status.ShouldBe(200, sent.Payload.Length > 1000 ? "" : sent.Payload);
        sent.Payload.Length.ShouldBe(6 << 20);

        var refused = await server.InvokeAsync("echo", $"\"{fits}x\"");
        refused.Status.ShouldBe(413);
        refused.Payload.ShouldContain("6291456");
    }

    [Theory]
    [InlineData("{\"a\": ")]
    [InlineData("not json")]
    [InlineData("{'a': 1}")]
    public async Task MalformedJson_ToInvoke_Is400(string payload)
    {
        var server = await shared.GetAsync();
        var answer = await server.InvokeAsync("echo", payload);
        answer.Status.ShouldBe(400, answer.Payload);
        answer.Payload.ShouldContain("Could not parse request body into json");
    }

    [Fact]
    public async Task MalformedJson_ToCreateFunction_Is400()
    {
        var server = await shared.GetAsync();
        using var answer = await server.Http.PostAsync("/2015-03-31/functions", new StringContent("{\"FunctionName\": ", Encoding.UTF8, "application/json"));
        ((int)answer.StatusCode).ShouldBe(400);
        using var wrongType = await server.Http.PostAsync("/2015-03-31/functions", JsonContent.Create(new JsonObject { ["FunctionName"] = 5 }));
        ((int)wrongType.StatusCode).ShouldBe(400);
        (await wrongType.Content.ReadAsStringAsync()).ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("/2015-03-31/functions/echo/invocations")]
    [InlineData("/_url/echo/")]
    public async Task BodyThatNeverEnds_IsCutOffAtTheLimit(string path)
    {
        var server = await shared.GetAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
        var sent = 0;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = ReadStatusAsync(stream, limit.Token);
        try
        {
            while (!answer.IsCompleted && sent < 64 << 20)
            {
                await stream.WriteAsync(chunk, limit.Token);
                sent += 0x10000;
            }
        }
        catch (IOException)
        {
            // The server closed its side, as it should.
        }

        (await answer).ShouldContain(" 413 ");
        sent.ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public async Task BodyThatStalls_IsCutOffInTime() => (await shared.StalledAsync()).ShouldMatch("^HTTP/1.1 4(08|00) ");

    [Fact]
    public async Task GarbageInsteadOfHttp_DoesNotHurt()
    {
        var server = await shared.GetAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Port);
            await client.GetStream().WriteAsync(new byte[] { 0, 1, 2, 3, 13, 10, 13, 10 });
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            (await ReadStatusAsync(client.GetStream(), limit.Token)).ShouldContain(" 400 ");
        }

        (await server.InvokeAsync("echo", "1")).Payload.ShouldBe("1");
    }

    internal static async Task<string> ReadStatusAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 200 && await stream.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
        {
            bytes.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. bytes]);
    }
}
