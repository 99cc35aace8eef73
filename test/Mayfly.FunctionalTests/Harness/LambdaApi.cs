using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>The Lambda door as plain HTTP, for tests whose subject is something else.</summary>
public static class LambdaApi
{
    public const string Role = "arn:aws:iam::000000000000:role/any";

    /// <summary>The body of CreateFunction.</summary>
    public static JsonObject Body(string name, string runtime, string handler, byte[] zip) => new()
    {
        ["FunctionName"] = name,
        ["Runtime"] = runtime,
        ["Handler"] = handler,
        ["Role"] = Role,
        ["Timeout"] = 5,
        ["Code"] = new JsonObject { ["ZipFile"] = Convert.ToBase64String(zip) },
    };

    /// <summary>Sends CreateFunction.</summary>
    public static Task<HttpResponseMessage> TryCreateAsync(MayflyServer server, JsonObject body) =>
        server.Http.PostAsync("/2015-03-31/functions", JsonContent.Create(body), TestContext.Current.CancellationToken);

    /// <summary>Makes a function that must come to be.</summary>
    public static async Task CreateAsync(MayflyServer server, string name, string runtime, string handler, byte[] zip)
    {
        using var answer = await TryCreateAsync(server, Body(name, runtime, handler, zip));
        ((int)answer.StatusCode).ShouldBe(201, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a function an event, which must be accepted.</summary>
    /// <returns>The id of the request.</returns>
    public static async Task<string> SendAsync(MayflyServer server, string function, string payload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations") { Content = new StringContent(payload, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(202, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("x-amzn-RequestId").Single();
    }

    /// <summary>Any other call, which must succeed.</summary>
    public static async Task<JsonNode?> CallAsync(MayflyServer server, HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    /// <summary>The names of all functions.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(MayflyServer server)
    {
        var names = new List<string>();
        var marker = "";
        do
        {
            var page = JsonNode.Parse(await server.Http.GetStringAsync($"/2015-03-31/functions?MaxItems=50{marker}"))!;
            names.AddRange(page["Functions"]!.AsArray().Select(static function => (string)function!["FunctionName"]!));
            marker = (string?)page["NextMarker"] is { Length: > 0 } next ? "&Marker=" + Uri.EscapeDataString(next) : "";
        }
        while (marker.Length > 0);
        return names;
    }
}
