using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Bench.Processes;

/// <summary><c>mayfly serve</c> for one run, and its admin API.</summary>
internal sealed class MayflyServer : IAsyncDisposable
{
    private const string Api = "/_mayfly/api/";
    private static readonly TimeSpan s_untilOrdered = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_fillLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pollPeriod = TimeSpan.FromMilliseconds(10);

    /// <summary>For what follows a start or an end, and is nobody's cold start.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http;
    private readonly Places _places;
    private readonly Dictionary<string, HelloPackage> _packages = new(StringComparer.Ordinal);

    private MayflyServer(ChildServer child, Places places)
    {
        Child = child;
        _places = places;
        _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://127.0.0.1:{child.Port.ToString(CultureInfo.InvariantCulture)}"), Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>The command's process.</summary>
    public ChildServer Child { get; }

    public int Port => Child.Port;

    /// <summary>From the command to the first answer.</summary>
    public TimeSpan StartTime { get; private init; }

    /// <summary>Starts a server on the state in a folder, which may be empty, and waits for it.</summary>
    public static Task<MayflyServer> StartAsync(BenchContext context, string state, CancellationToken cancellationToken, params string[] arguments) =>
        StartAsync(context, state, preload: null, cancellationToken, arguments);

    /// <summary>The same with a library that is loaded into it.</summary>
    public static async Task<MayflyServer> StartAsync(BenchContext context, string state, string? preload, CancellationToken cancellationToken, params string[] arguments)
    {
        var port = Programs.FreePort();
        var child = ChildServer.Start(context.Places.Mayfly, ["serve", "--data", state, "--port", port.ToString(CultureInfo.InvariantCulture), .. arguments], port, preload: preload);
        try
        {
            await using var following = context.Weight.Follow(child.Process.Id);
            var time = await child.WaitAsync("/_mayfly/health", cancellationToken);
            context.Weight.Raise(child.Tree);
            return new(child, context.Places) { StartTime = time };
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>The path of a function's URL.</summary>
    public static string UrlPath(string function) => $"/_url/{function}/";

    /// <summary>The path of Lambda's Invoke.</summary>
    public static string InvokePath(string function) => $"/2015-03-31/functions/{function}/invocations";

    /// <summary>Deploys functions as one service; what it had before and is not in the list goes.</summary>
    public async Task DeployAsync(string service, IEnumerable<HelloFunction> functions, CancellationToken cancellationToken)
    {
        var packed = functions.Select(function => (Function: function, Package: PackageOf(function))).ToList();
        foreach (var package in packed.Select(static one => one.Package).Distinct())
        {
            await UploadAsync(package, cancellationToken);
        }

        var deployment = new JsonObject
        {
            ["service"] = service,
            ["stage"] = "dev",
            ["routes"] = new JsonArray(),
            ["functions"] = new JsonArray([.. packed.Select(static one => one.Function.ToJson(one.Package.Sha256))]),
        };
        using var body = new StringContent(deployment.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri($"{Api}services/{service}", UriKind.Relative), body, cancellationToken);
        await CheckAsync(answer, cancellationToken);
    }

    /// <summary>Removes a service and its functions.</summary>
    public async Task RemoveAsync(string service, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync(new Uri($"{Api}services/{service}", UriKind.Relative), cancellationToken);
        await CheckAsync(answer, cancellationToken);
    }

    /// <summary>Lists all functions.</summary>
    /// <returns>How long it took, to the last byte, and how many there are.</returns>
    public async Task<(TimeSpan Time, int Count)> ListAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var body = await _http.GetByteArrayAsync(new Uri(Api + "functions", UriKind.Relative), cancellationToken);
        var time = Stopwatch.GetElapsedTime(began);
        using var list = JsonDocument.Parse(body);
        return (time, list.RootElement.GetArrayLength());
    }

    /// <summary>CreateFunction's body for a function of the bench package.</summary>
    public string CreateBody(string name) =>
        $$$"""{"FunctionName":"{{{name}}}","Runtime":"{{{HelloFunction.Python}}}","Handler":"hello.handler","Role":"arn:aws:iam::000000000000:role/bench","Code":{"ZipFile":"{{{Convert.ToBase64String(PackageOf(new(name, HelloFunction.Python, "hello.handler")).Zip)}}}"}}""";

    /// <summary>The server's managed memory in bytes, after a full collection.</summary>
    public async Task<long> CollectAsync(CancellationToken cancellationToken)
    {
        var memory = await _http.GetFromJsonAsync<JsonObject>(Api + "memory?collect=true", cancellationToken);
        return (long?)memory?["managedBytes"] ?? throw new BenchException("the server did not tell its memory");
    }

    /// <summary>Whether starts are prepared ahead here.</summary>
    public async Task<bool> HasStemsAsync(CancellationToken cancellationToken) => await StemsAsync(cancellationToken) is not null;

    /// <summary>Waits until every pool of parked stems is full, where there are pools, and a moment longer. One that cannot be filled is not waited for.</summary>
    /// <exception cref="BenchException">They do not fill.</exception>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        // What the last call took is missed only now.
        await Task.Delay(s_rest, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        while (await StemsAsync(cancellationToken) is { } stems && !IsFull(stems, Stopwatch.GetElapsedTime(began)))
        {
            if (Stopwatch.GetElapsedTime(began) > s_fillLimit)
            {
                throw new BenchException($"the pools of stems are not full after {s_fillLimit.TotalSeconds:0} s: {stems.ToJsonString()}");
            }

            await Task.Delay(s_pollPeriod, cancellationToken);
        }

        await Task.Delay(s_rest, cancellationToken);
    }

    /// <summary>Which stems cannot be made here, and why; a line each.</summary>
    public async Task<IReadOnlyList<string>> StemFailuresAsync(CancellationToken cancellationToken) =>
        [.. (await StemsAsync(cancellationToken) ?? []).Where(static stem => stem!["failure"] is not null).Select(static stem => $"{stem!["name"]}: {stem["failure"]}")];

    /// <summary>Invokes through Lambda's door.</summary>
    /// <returns>The error type when the function failed, and the answer.</returns>
    public async Task<(int Status, bool Failed, string Body)> InvokeAsync(string function, CancellationToken cancellationToken)
    {
        using var content = new StringContent("{}");
        using var answer = await _http.PostAsync(new Uri(InvokePath(function), UriKind.Relative), content, cancellationToken);
        return ((int)answer.StatusCode, answer.Headers.Contains("X-Amz-Function-Error"), await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>The program that runs functions of a runtime here, told by such a function itself.</summary>
    public async Task<string> ProgramOfAsync(string aboutFunction, CancellationToken cancellationToken)
    {
        var (status, failed, body) = await InvokeAsync(aboutFunction, cancellationToken);
        if (status != 200 || failed)
        {
            throw new BenchException($"{aboutFunction} answered {status}: {body}. The server said:\n{Child.Said}");
        }

        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.GetProperty("program").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Child.DisposeAsync();
    }

    // A server that has just got its functions has not said yet what it wants; it may want nothing.
    private static bool IsFull(JsonArray stems, TimeSpan waited) => stems.Count == 0
        ? waited > s_untilOrdered
        : stems.All(static stem => stem!["failure"] is not null || ((int)stem["parked"]! >= (int)stem["wanted"]! && (int)stem["starting"]! == 0));

    private HelloPackage PackageOf(HelloFunction function)
    {
        var files = _places.FilesOf(function).ToList();
        return _packages.TryGetValue(files[0], out var known) ? known : _packages[files[0]] = HelloPackage.Pack(files);
    }

    /// <summary>Sends a package, unless it is there: one that no function uses any more goes.</summary>
    private async Task UploadAsync(HelloPackage package, CancellationToken cancellationToken)
    {
        using var asked = await _http.SendAsync(new(HttpMethod.Head, $"{Api}packages/{package.Sha256}"), cancellationToken);
        if (asked.IsSuccessStatusCode)
        {
            return;
        }

        using var content = new ByteArrayContent(package.Zip);
        content.Headers.ContentType = new("application/zip");
        using var put = await _http.PutAsync(new Uri($"{Api}packages/{package.Sha256}", UriKind.Relative), content, cancellationToken);
        await CheckAsync(put, cancellationToken);
    }

    private async Task<JsonArray?> StemsAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(Api + "stems", UriKind.Relative), cancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonArray>(cancellationToken) : null;
    }

    private static async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }
}
