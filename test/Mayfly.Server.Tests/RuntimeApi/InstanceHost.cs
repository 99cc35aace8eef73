using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.RuntimeApi;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.RuntimeApi;

/// <summary>An instance without a sandbox behind real Kestrel: a test plays the runtime, the extensions and what starts them.</summary>
internal sealed class InstanceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Socket _listener;
    private readonly FunctionLogs _logs;
    private readonly DirectoryInfo _folder;
    private readonly FileStream _print;
    private readonly TaskCompletionSource<Slot> _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _timesFree;

    private InstanceHost(WebApplication app, Socket listener, FunctionLogs logs, DirectoryInfo folder, Instance instance, FileStream print)
    {
        (_app, _listener, _logs, _folder, Instance, _print) = (app, listener, logs, folder, instance, print);
        Client = new() { BaseAddress = new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    public Instance Instance { get; }

    /// <summary>The other side of descriptor 5; only with external extensions.</summary>
    public Socket? Starter { get; private init; }

    public static async Task<InstanceHost> StartAsync(string[]? external = null, int concurrency = 1, LoggingSettings? logging = null)
    {
        external ??= [];
        var folder = Directory.CreateTempSubdirectory("mayfly-instance-");
        var logs = new FunctionLogs(folder.FullName, NullLogger<FunctionLogs>.Instance);
        var (read, write) = LibC.Pipe();
        LibC.MakeNonBlocking(read);
        List<PassedDescriptor> kinds = [PassedDescriptor.Output];
        List<int> descriptors = [Take(read)];
        Socket? starter = null;
        if (external.Length > 0)
        {
            var (ours, theirs) = LibC.StreamSocketPair();
            kinds.Add(PassedDescriptor.Control);
            descriptors.Add(Take(ours));
            starter = new(new SafeSocketHandle(Take(theirs), ownsHandle: true));
        }

        Sandbox sandbox = null!;
        sandbox = new(new StartedMessage(Guid.NewGuid().ToString("N"), 1, 1, false, kinds), descriptors, message =>
        {
            if (message is KillMessage)
            {
                sandbox.End(new(137, OutOfMemory: false), 0);
            }

            return true;
        });
        var revision = new Revision
        {
            Id = "r",
            Function = new("000000000000", "us-east-1", "watched"),
            Config = new() { Runtime = "provided", Handler = "any", Concurrency = concurrency, Logging = logging },
            Code = new(new string('0', 64), 1),
            LastModified = DateTimeOffset.UnixEpoch,
        };
        var output = new InstanceOutput(sandbox.Output, revision.Function, sandbox.Id, logs, TimeProvider.System, logging);
        var extensions = new InstanceExtensions(revision, sandbox, external, null, TimeProvider.System);
        output.FeedTo(extensions.Feed, TelemetryKinds.Function);
        var instance = new Instance(revision, sandbox, new RuntimeApiChannel(), output, TimeProvider.System, freezes: false) { Extensions = extensions };

        var connections = new RuntimeApiConnections();
        var listener = RuntimeApiConnections.Listen();
        _ = connections.AcceptAsync(listener, instance, uid: null);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(new InstanceEndPoint()));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new InstanceTransport(connections));
        var app = builder.Build();
        app.Run(context => RuntimeApiDoor.HandleAsync(context, RuntimeApiDoor.InstanceOf(context)!));
        await app.StartAsync();
        var host = new InstanceHost(app, listener, logs, folder, instance, new(new(Take(write), ownsHandle: true), FileAccess.Write, 0)) { Starter = starter };
        instance.Begin(host.OnFree, 0, new(InitPhase.First, TimeSpan.FromSeconds(20)));
        return host;
    }

    /// <summary>How often the slot became free.</summary>
    public int TimesFree => Volatile.Read(ref _timesFree);

    /// <summary>Waits until the instance has initialised, and gives its slot.</summary>
    public Task<Slot> ReadyAsync() => _free.Task.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>The function prints.</summary>
    public void Print(string text)
    {
        _print.Write(Encoding.UTF8.GetBytes(text));
        Instance.Output.Drain();
    }

    /// <summary>Reads the next order to the one who starts the runtime.</summary>
    public async Task<string> OrderAsync()
    {
        var bytes = new byte[64];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var read = await Starter!.ReceiveAsync(bytes, SocketFlags.None, limit.Token);
        return Encoding.ASCII.GetString(bytes, 0, read);
    }

    /// <summary>Says that something ended.</summary>
    public void Report(string line) => Starter!.Send(Encoding.ASCII.GetBytes(line + "\n"));

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : new StringContent(body) };
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.ContentType = new(value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            }
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Sends and expects a status and, for refusals, an error type.</summary>
    public async Task<JsonNode?> ExpectAsync(int status, string? errorType, string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(method, path, body, headers);
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        var json = text.StartsWith('{') ? JsonNode.Parse(text) : null;
        ((string?)json?["errorType"]).ShouldBe(errorType, text);
        return json;
    }

    /// <summary>Registers an extension and returns its identifier.</summary>
    public async Task<string> RegisterAsync(string name, params string[] events)
    {
        using var answer = await SendAsync("POST", "/2020-01-01/extension/register", $"{{\"events\":[{string.Join(',', events.Select(e => $"\"{e}\""))}]}}", ("Lambda-Extension-Name", name));
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("Lambda-Extension-Identifier").Single();
    }

    /// <summary>An extension asks for its next event.</summary>
    public async Task<JsonNode> NextEventAsync(string id)
    {
        using var answer = await SendAsync("GET", "/2020-01-01/extension/event/next", null, ("Lambda-Extension-Identifier", id));
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(200, text);
        Guid.TryParse(answer.Headers.GetValues("Lambda-Extension-Event-Identifier").Single(), out _).ShouldBeTrue();
        return JsonNode.Parse(text)!;
    }

    /// <summary>The runtime asks for its next invocation.</summary>
    public Task<HttpResponseMessage> NextAsync() => SendAsync("GET", "/2018-06-01/runtime/invocation/next");

    /// <summary>Hands an invocation over, as the invoker does, and settles.</summary>
    public async Task<Answer> InvokeAsync(Slot slot, string requestId, TimeSpan? limit = null)
    {
        var invocation = Invocation(requestId);
        InvocationLog.Start(Instance.Output, invocation, "$LATEST", TimeProvider.System);
        var answer = await Instance.ExchangeAsync(slot, invocation, limit ?? TimeSpan.FromSeconds(20));
        if (answer.Kind == AnswerKind.TimedOut)
        {
            _ = Instance.StopAsync(ShutdownReason.Timeout).AsTask();
        }

        InvocationLog.End(Instance, invocation, TimeSpan.FromMilliseconds(12.5), null, null, TimeProvider.System, answer.Payload.Length);
        Instance.Settle(slot);
        return answer;
    }

    public static ActiveInvocation Invocation(string requestId) => new()
    {
        RequestId = requestId,
        FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:watched",
        TraceId = "Root=1-2-3;Parent=4;Sampled=1",
        DeadlineMs = 1234,
        Payload = "{\"n\":1}"u8.ToArray(),
        CognitoIdentity = "{\"cognitoIdentityId\":\"me\"}",
        TenantId = "tenant",
    };

    public async ValueTask DisposeAsync()
    {
        await Instance.StopAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Client.Dispose();
        Starter?.Dispose();
        _listener.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        await _print.DisposeAsync();
        await _logs.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static int Take(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        var number = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return number;
    }

    private void OnFree(Slot slot)
    {
        Interlocked.Increment(ref _timesFree);
        _free.TrySetResult(slot);
    }
}
