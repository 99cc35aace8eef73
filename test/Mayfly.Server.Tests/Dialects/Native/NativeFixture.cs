using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;
using Mayfly.Server.Storage;
using Mayfly.Server.Telemetry;
using Mayfly.Sandboxd.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Dialects.Native;

/// <summary>The admin API over a real store; only the invoker is a lambda of the test. Reopened on the same folder it is a restart.</summary>
public sealed class NativeFixture : IAsyncDisposable
{
    private readonly Database _database;
    private readonly CancellationTokenSource _stopping = new();

    private NativeFixture(string folder)
    {
        var settings = new ServerSettings { StoreFolder = folder, ShimsFolder = "/nowhere", InterpretersFile = "/nowhere" };
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        Functions = new(_database);
        Packages = new(folder);
        Runtimes = new(
            [
                new RuntimeDefinition { Name = "raw", Title = "Raw", Names = ImmutableDictionary<string, string>.Empty.Add("raw", ""), Contract = RuntimeContract.Http, Shim = false, Command = ["/bin/true"] },
                new RuntimeDefinition
                {
                    Name = "rare", Title = "Rare", Names = ImmutableDictionary<string, string>.Empty.Add("rare1", "1"), Contract = RuntimeContract.Frame, Command = ["{interpreter}"],
                    Interpreter = new InterpreterSearch { Program = "no-such-program-here", Arguments = ["--version"], Output = "(.*)", Package = "rare-package" },
                },
            ],
            []);
        Services = new(_database, Functions, new(_database, Packages), Runtimes, settings, TimeProvider.System)
        {
            Parts = [new ServiceRules(new(_database), static () => { }, TimeProvider.System), new ServiceSchedules(new(_database), TimeProvider.System)],
        };
        Logs = new(Path.Combine(folder, "logs"), NullLogger<FunctionLogs>.Instance);
        var view = new NativeView(Functions.Table, Runtimes, settings);
        Door = new Door("admin API", DoorKind.Control, new NativeDoor(
        [
            new HealthResource(Functions.Table),
            new PackagesResource(Packages),
            new ServicesResource(Services, view, _ => Task.FromResult(Machine)),
            new FunctionsResource(Functions, view, settings),
            new InvocationsResource(Functions.Table, (request, _) => Invoke(request), settings),
            new LogsResource(Logs, Services, _stopping.Token),
        ]));
    }

    public Door Door { get; }

    public FunctionRegistry Functions { get; }

    public CodePackageStore Packages { get; }

    public RuntimeCatalog Runtimes { get; }

    public ServiceRegistry Services { get; }

    public FunctionLogs Logs { get; }

    /// <summary>What sandboxd says of the machine.</summary>
    public HelloMessage Machine { get; set; } = new("bubblewrap", "v2", []);

    public DoorsHost Host { get; private set; } = null!;

    public Func<InvocationRequest, ValueTask<InvocationResult>> Invoke { get; set; } = request => ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId });

    public static async Task<NativeFixture> StartAsync(string folder)
    {
        var fixture = new NativeFixture(folder);
        fixture.Host = await DoorsHost.StartAsync(fixture.Door);
        return fixture;
    }

    public static byte[] Zip(string content)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            // The same content makes the same bytes at any time of day.
            var file = zip.CreateEntry("main.txt");
            file.LastWriteTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var entry = file.Open();
            entry.Write(Encoding.UTF8.GetBytes(content));
        }

        return bytes.ToArray();
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public async Task<string> UploadAsync(string content)
    {
        var zip = Zip(content);
        var response = await Host.SendAsync("PUT", $"/_mayfly/api/packages/{Hash(zip)}", new ByteArrayContent(zip));
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return Hash(zip);
    }

    public Task<HttpResponseMessage> DeployAsync(ServiceDeployment deployment) =>
        Host.SendAsync("PUT", $"/_mayfly/api/services/{deployment.Service}", new StringContent(JsonSerializer.Serialize(deployment, NativeJson.Default.ServiceDeployment)));

    public Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content = null) => Host.SendAsync(method, "/_mayfly/api/" + path, content);

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonSerializer.Deserialize(text, type)!;
    }

    public static async Task<NativeError> ErrorAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), NativeJson.Default.NativeErrorReply)!.Error;

    public void Stop() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Logs.DisposeAsync();
        Services.Dispose();
        Functions.Dispose();
        _database.Dispose();
        _stopping.Dispose();
    }
}
