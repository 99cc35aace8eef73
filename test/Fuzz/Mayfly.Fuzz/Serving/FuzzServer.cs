using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Mayfly.Server;
using Mayfly.Server.Runtimes;

namespace Mayfly.Fuzz.Serving;

/// <summary>The whole server on a loopback port, over a sandboxd that starts nothing.</summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mayfly-fuzz-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeSandboxd _sandboxd;
    private readonly Task _running;

    private FuzzServer()
    {
        Port = FreePort();
        _sandboxd = new(_folder);
        var interpreters = Path.Combine(_folder, "interpreters.json");
        InterpreterProbe.Write(interpreters, Framed.Interpreter is null ? [] : [new() { Runtime = Framed.Name, Version = "99.0", Executable = "/bin/true" }]);
        _running = Task.Run(() => ServerHost.RunAsync(new() { Port = Port, StoreFolder = _folder, ShimsFolder = _folder, InterpretersFile = interpreters }, _stop.Token));
        Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(15) };
    }

    /// <summary>The port of all doors.</summary>
    public int Port { get; }

    /// <summary>A client that behaves.</summary>
    public HttpClient Http { get; }

    /// <summary>What programs do.</summary>
    public FakeSandboxd Sandboxd => _sandboxd;

    private static RuntimeDefinition Framed => ShimsArchive.Definitions.First(static definition => definition is { Contract: RuntimeContract.Frame, Interpreter: not null, Variants.Length: 0 });

    /// <summary>Starts it with two functions: <c>api</c> speaks the Runtime API, <c>frames</c> frames.</summary>
    public static async Task<FuzzServer> StartAsync()
    {
        var server = new FuzzServer();
        for (var tries = 0; ; tries++)
        {
            try
            {
                await server.CheckAliveAsync();
                break;
            }
            catch (Exception) when (tries < 100 && !server._running.IsCompleted)
            {
                await Task.Delay(100);
            }
        }

        await server.CreateAsync("api", ShimsArchive.Definitions.First(static definition => definition is { Contract: RuntimeContract.RuntimeApi, Interpreter: null, Internal: false }).Names.Keys.First());
        await server.CreateAsync("frames", Framed.Names.Keys.Where(static name => name.Any(char.IsAsciiDigit)).Order(StringComparer.Ordinal).Last());
        return server;
    }

    /// <summary>Whether the server still answers.</summary>
    public async Task CheckAliveAsync()
    {
        using var answer = await Http.GetAsync("/_mayfly/api/health");
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw new FuzzException($"the server does not answer any more: {answer.StatusCode}");
        }
    }

    /// <summary>Invokes a function and refuses answers that no function can be the reason of.</summary>
    public async Task<string> InvokeAsync(string function)
    {
        using var answer = await Http.PostAsync($"/2015-03-31/functions/{function}/invocations", new StringContent("{}"));
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.TooManyRequests))
        {
            throw new FuzzException($"the invocation was answered with {(int)answer.StatusCode}: {body}");
        }

        return $"{(int)answer.StatusCode} {(answer.Headers.Contains("X-Amz-Function-Error") ? body[..Math.Min(40, body.Length)] : "well")}";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(20)).ContinueWith(static _ => { }, TaskScheduler.Default);
        Http.Dispose();
        _sandboxd.Dispose();
        _stop.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A log that was written in this moment.
        }
    }

    private async Task CreateAsync(string name, string runtime)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("bootstrap");
        }

        using var answer = await PostAsync("/2015-03-31/functions", new
        {
            FunctionName = name,
            Runtime = runtime,
            Handler = "a.b",
            Role = "arn:aws:iam::000000000000:role/any",
            Code = new { ZipFile = Convert.ToBase64String(zip.ToArray()) },
            Timeout = 2,
        });
        if (answer.StatusCode != HttpStatusCode.Created)
        {
            throw new FuzzException($"the function {name} could not be made: {await answer.Content.ReadAsStringAsync()}");
        }

        using var url = await PostAsync($"/2021-10-31/functions/{name}/url", new { AuthType = "NONE" });
    }

    // Below the ports that the kernel gives to connections, of which a fuzzer makes many.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    private Task<HttpResponseMessage> PostAsync<T>(string path, T body) =>
        Http.PostAsync(path, new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));
}
