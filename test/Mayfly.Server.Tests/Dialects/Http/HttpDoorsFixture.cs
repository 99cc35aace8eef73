using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Services;
using Mayfly.Server.Triggers.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Dialects.Http;

/// <summary>Function URLs and routes on a real server, in front of functions that are lambdas of the test.</summary>
public sealed class HttpDoorsFixture : IAsyncDisposable
{
    public const string UrlId = "abcdefghijklmnopqrstuvwxyz012345";

    private readonly DoorsHost _host;

    private HttpDoorsFixture(DoorsHost host) => _host = host;

    public DoorsHost Host => _host;

    /// <summary>The requests that reached the invoker.</summary>
    public List<InvocationRequest> Requests { get; } = [];

    /// <summary>What every function answers.</summary>
    public Func<InvocationRequest, ValueTask<InvocationResult>> Answer { get; set; } = request => Result(request, """{"statusCode":200,"body":"ok"}""");

    /// <summary>The event of the last request.</summary>
    public JsonNode Event => JsonNode.Parse(Requests[^1].Payload.Span)!;

    public static async Task<HttpDoorsFixture> StartAsync(FunctionUrl? url = null, ImmutableArray<HttpRoute> routes = default, bool httpServer = false, TimeProvider? time = null, SignatureCheck? signatures = null)
    {
        var settings = new ServerSettings { StoreFolder = "/nowhere", ShimsFolder = "/nowhere", InterpretersFile = "/nowhere" };
        var table = new FunctionTable();
        table.Publish(FunctionSnapshot.Empty
            .With(Make("hello", "us-east-1", url ?? new FunctionUrl { Id = UrlId }))
            .With(Make("silent", "us-east-1", null))
            .With(Make("far", "eu-west-1", new FunctionUrl { Id = "far0" })));
        var shop = new DeployedService(new ServiceRecord
        {
            Name = "shop",
            Stage = "dev",
            Region = "us-east-1",
            Functions = ["hello"],
            Routes = routes.IsDefault ? [] : routes,
            DeployedAt = DateTimeOffset.UnixEpoch,
        });

        HttpDoorsFixture? fixture = null;
        var front = new HttpFront(
            (request, _) =>
            {
                fixture!.Requests.Add(request);
                return fixture.Answer(request);
            },
            _ => httpServer,
            time ?? TimeProvider.System,
            NullLogger<HttpFront>.Instance);
        var host = await DoorsHost.StartAsync(
            new Door("function URLs at /_url/", DoorKind.Open, new FunctionUrlDoor(table, front, settings, TimeProvider.System) { Signatures = signatures }),
            new Door("routes at /_api/", DoorKind.Open, new HttpApiDoor(name => name == "shop" ? shop : null, table, front, settings, TimeProvider.System)));
        return fixture = new(host);
    }

    public static HttpRoute OfHttp(string method, string path, string format = "2.0", CorsRules? cors = null, string function = "hello") =>
        new() { Rest = false, Method = method, Path = path, Function = function, PayloadFormat = format, Cors = cors };

    public static HttpRoute OfRest(string method, string path, CorsRules? cors = null) =>
        new() { Rest = true, Method = method, Path = path, Function = "hello", PayloadFormat = "1.0", Cors = cors };

    public static ValueTask<InvocationResult> Result(InvocationRequest request, string payload) =>
        ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId, Payload = Encoding.UTF8.GetBytes(payload), ExecutedVersion = "$LATEST" });

    public static ValueTask<InvocationResult> Failure(InvocationRequest request, InvocationErrorKind kind, string type = "Some.Error", string message = "secret words") =>
        ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId, Error = new(kind, type, message), Payload = "{}"u8.ToArray() });

    public void Answers(string payload) => Answer = request => Result(request, payload);

    public void Answers(object payload) => Answers(JsonSerializer.Serialize(payload));

    public void Fails(InvocationErrorKind kind, string message = "secret words") => Answer = request => Failure(request, kind, message: message);

    public Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers) =>
        _host.SendAsync(method, path, content, headers);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static Function Make(string name, string region, FunctionUrl? url)
    {
        var key = new FunctionKey("000000000000", region, name);
        var function = new Function
        {
            Key = key,
            Latest = new() { Id = name + "-1", Function = key, Config = new() { Runtime = "any" }, Code = new(new string('0', 64), 1), LastModified = DateTimeOffset.UnixEpoch },
        };
        return function.With(null, new() { Url = url });
    }
}
