using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>A running <c>mayfly up</c> or <c>mayfly serve</c> with its doors.</summary>
public sealed class MayflyServer : IAsyncDisposable
{
    private readonly TemporaryFolder? owned;

    private MayflyServer(MayflyProcess command, string folder, int port, TemporaryFolder? owned)
    {
        (Command, Folder, Port, this.owned) = (command, folder, port, owned);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Endpoint), Timeout = TimeSpan.FromSeconds(90) };
    }

    public MayflyProcess Command { get; }

    public string Folder { get; }

    public int Port { get; }

    public string Endpoint => $"http://127.0.0.1:{Port}";

    public HttpClient Http { get; }

    /// <summary>What the first deployment reported.</summary>
    public JsonNode Deployed { get; private set; } = new JsonObject();

    /// <summary>Starts <c>up</c> on a folder and waits for the deployment.</summary>
    public static async Task<MayflyServer> UpAsync(string folder, IReadOnlyDictionary<string, string?>? environment = null, TemporaryFolder? owned = null, int? port = null, string[]? under = null, string? clock = null)
    {
        var server = Start(["up", "--json", folder, .. clock is null ? Array.Empty<string>() : ["--clock", clock]], folder, environment, owned, port, under);
        try
        {
            var line = await server.Command.LineAsync(static line => line.StartsWith("{\"event\":\"deployed\"", StringComparison.Ordinal), "the report of the deployment", 180);
            server.Deployed = JsonNode.Parse(line)!;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>up</c> as a person does, and waits until it watches.</summary>
    public static async Task<MayflyServer> UpForPersonAsync(string folder)
    {
        var server = Start(["up", folder], folder, null, null, null);
        try
        {
            await server.Command.LineAsync("watching for changes", 180);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>serve</c> and waits until it answers.</summary>
    public static async Task<MayflyServer> ServeAsync(string folder, int? port = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var server = Start(["serve", "--json"], folder, environment, null, port);
        try
        {
            await server.Command.LineAsync("\"ready\"");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs another command against it.</summary>
    public Task<Tool.Outcome> RunAsync(string[] words, string? input = null) =>
        MayflyProcess.RunAsync([words[0], "--endpoint", Endpoint, .. words[1..]], Folder, input);

    /// <summary>The function as the first deployment reported it.</summary>
    public JsonNode FunctionOf(string name) =>
        Deployed["functions"]!.AsArray().FirstOrDefault(function => (string?)function!["name"] == name || (string?)function["key"] == name)
        ?? throw new ShouldAssertException($"no function {name} in {Deployed.ToJsonString()}");

    /// <summary>Calls a function through the Lambda door.</summary>
    public async Task<Invoked> InvokeAsync(string function, string payload = "{}")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations") { Content = new StringContent(payload, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Amz-Log-Type", "Tail");
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var log = answer.Headers.TryGetValues("X-Amz-Log-Result", out var encoded) ? Encoding.UTF8.GetString(Convert.FromBase64String(encoded.Single())) : "";
        return new((int)answer.StatusCode, answer.Headers.TryGetValues("X-Amz-Function-Error", out var error) ? error.Single() : null, await answer.Content.ReadAsStringAsync(), log);
    }

    /// <summary>Runs code inside a probe function and returns what it left in <c>result</c>.</summary>
    public async Task<JsonNode?> ProbeAsync(string function, string code, JsonObject? more = null)
    {
        var payload = more ?? [];
        payload["code"] = code;
        var answer = await InvokeAsync(function, payload.ToJsonString());
        answer.FunctionError.ShouldBeNull(answer.Payload);
        answer.Status.ShouldBe(200, answer.Payload);
        return answer.Json;
    }

    /// <summary>The end of the server's own log, for messages of failed tests.</summary>
    public async Task<string> LogAsync() =>
        string.Join('\n', (await File.ReadAllLinesAsync(Path.Combine(Folder, ".mayfly/server.log"))).TakeLast(30));

    /// <summary>Whether another server answers in place of one that was killed.</summary>
    public async Task<bool> IsBackAsync(int killed)
    {
        try
        {
            using var answer = await Http.GetAsync("/_mayfly/health");
            return answer.IsSuccessStatusCode && ProcessTable.Role(Command.Id, "server").Id != killed;
        }
        catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException or ShouldAssertException)
        {
            return false;
        }
    }

    /// <summary>Kills the server, not the command, and waits until another one answers.</summary>
    public async Task KillServerAsync()
    {
        var killed = ProcessTable.Role(Command.Id, "server").Id;
        (await Tool.RunAsync("kill", ["-9", killed.ToString(System.Globalization.CultureInfo.InvariantCulture)])).ShouldSucceed();
        await Until.TrueAsync(() => IsBackAsync(killed), "the server to be back", 60);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Command.DisposeAsync();
        owned?.Dispose();
    }

    private static MayflyServer Start(string[] words, string folder, IReadOnlyDictionary<string, string?>? environment, TemporaryFolder? owned, int? port, string[]? under = null)
    {
        var chosen = port ?? Machine.FreePort();
        var number = chosen.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new(MayflyProcess.Start([.. words, "--port", number], folder, environment, under), folder, chosen, owned);
    }
}
