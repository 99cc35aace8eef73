using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>Which version is called, and when no more calls are taken.</summary>
public sealed class TrafficTests(SharedServer shared)
{
    private const int Calls = 1000;

    // Of 1,000 calls with weight 0.1 the second version gets 100 on average. Fewer than 61 have the probability 4.4e-6, more than 144 as well.
    private const int Fewest = 61;
    private const int Most = 144;

    [Fact]
    public async Task Alias_SplitsItsCalls_NineToOne()
    {
        var server = await shared.GetAsync();
        const string code = "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_FUNCTION_VERSION']\n";
        await LambdaApi.CreateAsync(server, "split", "python3.11", "app.handler", Zip.Of(("app.py", code)));
        await LambdaApi.CallAsync(server, HttpMethod.Post, "/2015-03-31/functions/split/versions", []);
        await LambdaApi.CallAsync(server, HttpMethod.Put, "/2015-03-31/functions/split/configuration", new() { ["Description"] = "another", ["Timeout"] = 30 });
        await LambdaApi.CallAsync(server, HttpMethod.Post, "/2015-03-31/functions/split/versions", []);
        await LambdaApi.CallAsync(server, HttpMethod.Post, "/2015-03-31/functions/split/aliases", new()
        {
            ["Name"] = "live",
            ["FunctionVersion"] = "1",
            ["RoutingConfig"] = new JsonObject { ["AdditionalVersionWeights"] = new JsonObject { ["2"] = 0.1 } },
        });

        var seen = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (_, stop) =>
        {
            using var answer = await server.Http.PostAsync("/2015-03-31/functions/split:live/invocations", null, stop);
            var version = (await answer.Content.ReadAsStringAsync(stop)).Trim('"');
            answer.Headers.GetValues("X-Amz-Executed-Version").ShouldBe([version]);
            seen.AddOrUpdate(version, 1, static (_, count) => count + 1);
        });

        seen.Keys.ShouldBe(["1", "2"], ignoreOrder: true);
        seen.Values.Sum().ShouldBe(Calls);
        seen["2"].ShouldBeInRange(Fewest, Most);
    }

    [Fact]
    public async Task ReservedConcurrency_IsTheMostThatRunsAtOnce()
    {
        var server = await shared.GetAsync();
        const string code = "import urllib.request\ndef handler(event, context):\n    if event: urllib.request.urlopen(event, timeout=60).close()\n    return 'passed'\n";
        var body = LambdaApi.Body("reserved", "python3.11", "app.handler", Zip.Of(("app.py", code)));
        body["Timeout"] = 60;
        using (var made = await LambdaApi.TryCreateAsync(server, body))
        {
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await ReserveAsync(server, 1);
        using var gate = new Gate();
        var first = server.InvokeAsync("reserved", $"\"{gate.Url}\"");
        await using (await gate.ArrivedAsync())
        {
            // The first stands in the function now.
            await ShouldBeThrottledAsync(server);
        }

        (await first).Payload.ShouldBe("\"passed\"");
        (await server.InvokeAsync("reserved", "null")).Payload.ShouldBe("\"passed\"");

        await ReserveAsync(server, 0);
        await ShouldBeThrottledAsync(server);

        await LambdaApi.CallAsync(server, HttpMethod.Delete, "/2017-10-31/functions/reserved/concurrency");
        (await server.InvokeAsync("reserved", "null")).Payload.ShouldBe("\"passed\"");
    }

    private static Task ReserveAsync(MayflyServer server, int number) =>
        LambdaApi.CallAsync(server, HttpMethod.Put, "/2017-10-31/functions/reserved/concurrency", new() { ["ReservedConcurrentExecutions"] = number });

    private static async Task ShouldBeThrottledAsync(MayflyServer server)
    {
        using var answer = await server.Http.PostAsync("/2015-03-31/functions/reserved/invocations", new StringContent("null"), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["TooManyRequestsException"]);
        answer.Headers.Contains("Retry-After").ShouldBeTrue();
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.ToJsonString()
            .ShouldBe("""{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}""");
    }
}
