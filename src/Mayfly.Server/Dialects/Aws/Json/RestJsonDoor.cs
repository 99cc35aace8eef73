using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>A service that speaks REST with JSON: method and path tell the operation, and its input is in path, query and body. Handlers see one object.</summary>
public sealed class RestJsonDoor : IDoor
{
    private const int MaxBody = 1024 * 1024;
    private const string ContentType = "application/json";

    private readonly JsonService _service;
    private readonly ServerSettings _settings;
    private readonly Func<HttpRequest, bool> _owns;

    internal RestJsonDoor(JsonService service, Func<HttpRequest, bool> owns, ServerSettings settings) => (_service, _owns, _settings) = (service, owns, settings);

    /// <summary>What recognises the credentials of functions, so that their calls belong to their account.</summary>
    public FunctionCredentials? Credentials { get; init; }

    /// <summary>What checks the signatures of requests; <see langword="null"/> means that none is.</summary>
    public SignatureCheck? Signatures { get; init; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context) => _owns(context.Request);

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context) => PoolScheduler.RunAsync(() => ServeAsync(context));

    private async Task ServeAsync(HttpContext context)
    {
        context.Response.Headers["x-amzn-RequestId"] = InvocationId.New();
        try
        {
            var (operation, answer) = await RunAsync(context);
            await JsonExchange.AnswerAsync(context, operation.Status, ContentType, answer ?? []);
        }
        catch (Exception e) when (AwsException.Of(e, "InternalServerException") is { } error)
        {
            var shape = _service.Model().Error(error.Type);
            context.Response.Headers["x-amzn-ErrorType"] = error.Type;
            await JsonExchange.AnswerAsync(context, shape?.Status ?? error.Status, ContentType, new() { [JsonExchange.MessageMember(shape)] = error.Message });
        }
    }

    private async Task<(ModelOperation Operation, JsonObject? Answer)> RunAsync(HttpContext context)
    {
        await JsonExchange.VerifyAsync(context, Signatures);
        var (request, model) = (context.Request, _service.Model());
        var path = RequestPath.Segments(request);
        var operation = model.Router.Find(request.Method, path, request.Query.ContainsKey)
            ?? throw new AwsException("UnknownOperationException", $"{_service.Name} has no operation {request.Method} {request.Path}.", 404);
        var handler = _service.Served.GetValueOrDefault(operation.Name) ?? throw AwsException.NotServed($"The {_service.Name} operation {operation.Name}");
        var body = await JsonExchange.ReadAsync(context, model, operation, path, MaxBody);
        using var document = JsonDocument.Parse(Input(model, operation, path, request, body.Span).ToJsonString());
        return (operation, await handler(new(context, operation, document.RootElement, AwsScope.Of(request, _settings, Credentials))));
    }

    /// <summary>The members of the body, with those of path and query beside them.</summary>
    private static JsonObject Input(ServiceModel model, ModelOperation operation, string[] path, HttpRequest request, ReadOnlySpan<byte> body)
    {
        var input = (body.IsEmpty ? null : JsonNode.Parse(body)) as JsonObject ?? [];
        foreach (var (name, member) in model.Shape(operation.Input!).Members!)
        {
            var wire = member.Wire ?? name;
            if (member.In == "uri")
            {
                input[name] = path[operation.IndexOf(wire)];
            }
            else if (member.In == "query" && request.Query[wire] is { Count: > 0 } given && !string.IsNullOrEmpty(given[0]))
            {
                var shape = model.Shape(member.Shape);
                input[name] = shape.Type == "list" ? new JsonArray([.. given.Select(static text => (JsonNode?)text)])
                    : shape.IsNumber ? double.Parse(given[0]!, CultureInfo.InvariantCulture)
                    : given[0];
            }
        }

        return input;
    }
}
