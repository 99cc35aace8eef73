using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.RuntimeApi;

/// <summary>The Telemetry and Logs APIs over the wire, with real subscribers.</summary>
public sealed class TelemetryApiTests
{
    private const string Telemetry = "/2022-07-01/telemetry";
    private const string Logs = "/2020-08-15/logs";

    [Fact]
    public async Task HttpSubscriber_GetsWhatHappensBeforeAndAfter()
    {
        await using var host = await InstanceHost.StartAsync();
        using var subscriber = new Subscriber();
        host.Print("before anybody came\n");
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Telemetry, "2022-07-01", subscriber.Http);
        var waiting = host.NextEventAsync(id);
        await RunOnceAsync(host, "{\"level\":\"INFO\"}\n");

        var events = await subscriber.UntilAsync("platform.report");
        string.Join(' ', events.Select(e => (string?)e["type"])).ShouldBe("function platform.telemetrySubscription platform.initRuntimeDone platform.initReport platform.extension platform.start function platform.runtimeDone platform.report");
        ((string?)events[0]["record"]).ShouldBe("before anybody came");
        DateTimeOffset.Parse((string)events[0]["time"]!).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        events[1]["record"]!.ToJsonString().ShouldBe("""{"name":"watcher","state":"Subscribed","types":["platform","function"]}""");
        events[4]["record"]!.ToJsonString().ShouldBe("""{"name":"watcher","state":"Ready","events":[]}""");
        ((string?)events[5]["record"]!["requestId"]).ShouldBe("one");
        ((string?)events[6]["record"]).ShouldBe("{\"level\":\"INFO\"}");
        ((string?)events[7]["record"]!["status"]).ShouldBe("success");
        ((double?)events[8]["record"]!["metrics"]!["durationMs"]).ShouldBe(12.5);
        await host.Instance.StopAsync();
        await Should.ThrowAsync<Exception>(waiting);
    }

    [Theory]
    [InlineData("2022-07-01", false)]
    [InlineData("2022-12-13", true)]
    [InlineData("2025-01-29", true)]
    public async Task LinesOfAFunctionThatLogsJson_AreObjects_FromTheirSchemaOn(string version, bool isObject)
    {
        await using var host = await InstanceHost.StartAsync(logging: new LoggingSettings { Format = "JSON" });
        using var subscriber = new Subscriber();
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Telemetry, version, subscriber.Http);
        host.Print("{\"level\":\"INFO\"}\n{no object\n");

        var events = (await subscriber.UntilAsync("function", 2)).Where(e => (string?)e["type"] == "function").ToList();
        (events[0]["record"] is JsonObject).ShouldBe(isObject);
        ((string?)events[1]["record"]).ShouldBe("{no object");
    }

    [Fact]
    public async Task TcpSubscriber_GetsALineEach()
    {
        await using var host = await InstanceHost.StartAsync();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Telemetry, "2022-12-13", $$"""{"protocol":"TCP","port":{{((IPEndPoint)listener.LocalEndPoint!).Port}}}""");
        host.Print("one\ntwo\n");

        using var connection = await listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(20));
        using var reader = new StreamReader(new NetworkStream(connection));
        var types = new List<string>();
        while (types.Count < 3)
        {
            types.Add((string)JsonNode.Parse((await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)))!)!["type"]!);
        }

        types.ShouldBe(["platform.telemetrySubscription", "function", "function"]);
    }

    [Fact]
    public async Task LogsSubscriber_GetsTheOlderRecords()
    {
        await using var host = await InstanceHost.StartAsync();
        using var subscriber = new Subscriber();
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Logs, "2021-03-18", subscriber.Http);
        var waiting = host.NextEventAsync(id);
        await RunOnceAsync(host, "hello\n");

        var events = await subscriber.UntilAsync("platform.report");
        string.Join(' ', events.Select(e => (string?)e["type"])).ShouldBe("platform.logsSubscription platform.extension platform.start function platform.runtimeDone platform.end platform.report");
        events[2]["record"]!.ToJsonString().ShouldBe("""{"requestId":"one"}""");
        events[4]["record"]!.ToJsonString().ShouldBe("""{"requestId":"one","status":"success"}""");
        events[5]["record"]!.ToJsonString().ShouldBe("""{"requestId":"one"}""");
        events[6]["record"]!.AsObject().Select(member => member.Key).ShouldBe(["requestId", "metrics"]);
        await host.Instance.StopAsync();
        await Should.ThrowAsync<Exception>(waiting);
    }

    [Fact]
    public async Task Subscriber_OfTheFirstLogsSchema_HearsNothingOfRuntimeDone()
    {
        await using var host = await InstanceHost.StartAsync();
        using var subscriber = new Subscriber();
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Logs, "2020-08-15", subscriber.Http);
        _ = host.NextEventAsync(id);
        await RunOnceAsync(host, "hello\n");

        (await subscriber.UntilAsync("platform.report")).ShouldNotContain(e => (string?)e["type"] == "platform.runtimeDone");
    }

    [Fact]
    public async Task SubscriberThatDoesNotRead_HoldsNobodyUp_AndLearnsWhatItMissed()
    {
        await using var host = await InstanceHost.StartAsync();
        using var subscriber = new Subscriber(silent: true);
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Telemetry, "2022-12-13", subscriber.Http);
        await subscriber.FirstAsync();

        var begun = Environment.TickCount64;
        var line = new string('x', 1000) + "\n";
        for (var i = 0; i < 1000; i++)
        {
            host.Print(line);
        }

        (Environment.TickCount64 - begun).ShouldBeLessThan(10_000);
        subscriber.Speak();
        var dropped = (await subscriber.UntilAsync("platform.logsDropped")).First(e => (string?)e["type"] == "platform.logsDropped")["record"]!;
        ((int)dropped["droppedRecords"]!).ShouldBeGreaterThan(500);
        ((int)dropped["droppedBytes"]!).ShouldBeGreaterThan(500_000);
    }

    [Theory]
    [InlineData("""{"protocol":"HTTP","URI":"http://example.com:8080"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"http://sandbox.localdomain@10.0.0.1:8080"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"http://169.254.169.254:80"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"https://sandbox.localdomain:8080"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"http://sandbox.localdomain"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"http://sandbox.localdomain:9001"}""")]
    [InlineData("""{"protocol":"HTTP","URI":"http://sandbox.localdomain:0"}""")]
    [InlineData("""{"protocol":"HTTP","URI":1}""")]
    [InlineData("""{"protocol":"TCP","port":70000}""")]
    [InlineData("""{"protocol":"TCP","port":"80"}""")]
    [InlineData("""{"protocol":"UDP","port":80}""")]
    [InlineData("[]")]
    public async Task Destination_IsAPortOfTheSandboxAlone(string destination)
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("watcher");

        await host.ExpectAsync(400, "ValidationError", "PUT", Telemetry, Body("2022-12-13", destination), ("Lambda-Extension-Identifier", id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"schemaVersion":"1999-01-01","types":["platform"],"destination":{"protocol":"TCP","port":80}}""")]
    [InlineData("""{"schemaVersion":"2022-12-13","types":[],"destination":{"protocol":"TCP","port":80}}""")]
    [InlineData("""{"schemaVersion":"2022-12-13","types":["all"],"destination":{"protocol":"TCP","port":80}}""")]
    [InlineData("""{"schemaVersion":"2022-12-13","types":["platform"],"destination":{"protocol":"TCP","port":80},"buffering":{"maxItems":1}}""")]
    [InlineData("""{"schemaVersion":"2022-12-13","types":["platform"],"destination":{"protocol":"TCP","port":80},"buffering":{"timeoutMs":30001}}""")]
    public async Task Subscription_IsChecked(string body)
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("watcher");

        await host.ExpectAsync(400, "ValidationError", "PUT", Telemetry, body, ("Lambda-Extension-Identifier", id));
        await host.ExpectAsync(400, "Logs.ValidationError", "PUT", Logs, body, ("Lambda-Extension-Identifier", id));
        await host.ExpectAsync(403, "Extension.UnknownExtensionIdentifier", "PUT", Telemetry, body, ("Lambda-Extension-Identifier", Guid.NewGuid().ToString()));
    }

    [Fact]
    public async Task Subscription_EndsWithTheInitialisation_AndKeepsToOneApi()
    {
        await using var host = await InstanceHost.StartAsync();
        using var subscriber = new Subscriber();
        var id = await host.RegisterAsync("watcher");
        await SubscribeAsync(host, id, Telemetry, "2022-12-13", subscriber.Http);
        await SubscribeAsync(host, id, Telemetry, "2022-07-01", subscriber.Http);
        await host.ExpectAsync(400, "Logs.ValidationError", "PUT", Logs, Body("2020-08-15", subscriber.Http), ("Lambda-Extension-Identifier", id));
        _ = host.NextEventAsync(id);
        _ = host.NextAsync();
        await host.ReadyAsync();

        await host.ExpectAsync(403, "Telemetry.SubscriptionClosed", "PUT", Telemetry, Body("2022-12-13", subscriber.Http), ("Lambda-Extension-Identifier", id));
        await host.ExpectAsync(403, "Logs.SubscriptionClosed", "PUT", Logs, Body("2020-08-15", subscriber.Http), ("Lambda-Extension-Identifier", id));
    }

    private static string Body(string version, string destination) =>
        $$"""{"schemaVersion":"{{version}}","types":["platform","function"],"buffering":{"maxItems":1000,"maxBytes":262144,"timeoutMs":50},"destination":{{destination}}}""";

    private static Task<JsonNode?> SubscribeAsync(InstanceHost host, string id, string path, string version, string destination) =>
        host.ExpectAsync(200, null, "PUT", path, Body(version, destination), ("Lambda-Extension-Identifier", id));

    private static async Task RunOnceAsync(InstanceHost host, string print)
    {
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;
        host.Print(print);
        await host.ExpectAsync(202, null, "POST", "/2018-06-01/runtime/invocation/one/response", "1");
        await invoked;
    }

    /// <summary>An HTTP server of the simplest kind.</summary>
    private sealed class Subscriber : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly List<JsonNode> _events = [];
        private readonly TaskCompletionSource _speaks = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _port;

        public Subscriber(bool silent = false)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                _port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            // Any name: the server calls us by the sandbox's.
            _listener.Prefixes.Add($"http://+:{_port}/");
            _listener.Start();
            if (!silent)
            {
                Speak();
            }

            _ = ListenAsync();
        }

        public string Http => $$"""{"protocol":"HTTP","URI":"http://sandbox.localdomain:{{_port}}/in?a=b"}""";

        public void Speak() => _speaks.TrySetResult();

        public Task FirstAsync() => _first.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public async Task<List<JsonNode>> UntilAsync(string type, int count = 1)
        {
            var deadline = Environment.TickCount64 + 20_000;
            while (Environment.TickCount64 < deadline)
            {
                lock (_events)
                {
                    if (_events.Count(e => (string?)e["type"] == type) >= count)
                    {
                        return [.. _events];
                    }
                }

                await Task.Delay(20);
            }

            throw new TimeoutException($"no {type} among {string.Join(' ', _events.Select(e => (string?)e["type"]))}");
        }

        public void Dispose() => _listener.Close();

        private async Task ListenAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    _first.TrySetResult();
                    await _speaks.Task;
                    context.Request.RawUrl.ShouldBe("/in?a=b");
                    using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                    var batch = JsonNode.Parse(await reader.ReadToEndAsync())!.AsArray();
                    lock (_events)
                    {
                        _events.AddRange(batch.Select(e => e!.DeepClone()));
                    }

                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
