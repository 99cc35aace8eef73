using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Query;

/// <summary>The services that speak the query protocol, at <c>/</c> and at the URLs of queues: a form or a query there, XML back. Handlers see the JSON that the model makes of it.</summary>
public sealed class QueryDoor : IDoor
{
    // A message of 1 MiB, percent-encoded, and what goes with it.
    private const int MaxBody = 4 * 1024 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";

    private readonly JsonService[] _services;
    private readonly ServerSettings _settings;

    internal QueryDoor(JsonService[] services, ServerSettings settings) => (_services, _settings) = (services, settings);

    /// <summary>What recognises the credentials of functions, so that their calls belong to their account.</summary>
    public FunctionCredentials? Credentials { get; init; }

    /// <summary>What checks the signatures of requests; <see langword="null"/> means that none is.</summary>
    public SignatureCheck? Signatures { get; init; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context)
    {
        var request = context.Request;
        return (HttpMethods.IsPost(request.Method)
                ? request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) == true
                : HttpMethods.IsGet(request.Method) && request.Query.ContainsKey("Action"))
            && IsOwn((request.Path.Value ?? "").Split('/'))
            && (ScopeOf(request) is not { Length: > 0 } scope || Array.Exists(_services, service => service.Model().Name == scope));
    }

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context) => PoolScheduler.RunAsync(() => ServeAsync(context));

    private async Task ServeAsync(HttpContext context)
    {
        var id = InvocationId.New();
        context.Response.Headers["x-amzn-RequestId"] = id;
        var service = _services[0];
        try
        {
            await JsonExchange.VerifyAsync(context, Signatures);
            var form = await ReadAsync(context);
            service = Choose(form, context.Request);
            var operation = OperationOf(service, form);
            await AnswerAsync(context, 200, QueryXml.Answer(service.Model(), operation, await RunAsync(context, service, operation, form), id));
        }
        catch (Exception e) when (AwsException.Of(e, service.InternalError) is { } error)
        {
            var shape = service.Model().Error(error.Type);
            var status = shape?.Status ?? error.Status;
            await AnswerAsync(context, status, QueryXml.Error(service.Model(), shape?.Code ?? error.Type, error.Message, status, id));
        }
    }

    private static async Task<FormNode> ReadAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            return QueryForm.Read(Encoding.UTF8.GetBytes(context.Request.QueryString.Value!.TrimStart('?')));
        }

        var body = await RequestBody.ReadAsync(context, MaxBody) ?? throw new AwsException("RequestEntityTooLarge", $"Request must be smaller than {MaxBody} bytes", 413);
        return QueryForm.Read(body.Span);
    }

    /// <summary>The service is told by the API's version, else by what the request is signed for, else by what it asks for.</summary>
    private JsonService Choose(FormNode form, HttpRequest request)
    {
        var (version, scope, action) = (form["Version"]?.Text, ScopeOf(request), form["Action"]?.Text ?? "");
        return Array.Find(_services, service => service.Model().Version == version)
            ?? Array.Find(_services, service => service.Model().Name == scope)
            ?? Array.Find(_services, service => service.Served.ContainsKey(action))
            ?? _services[0];
    }

    private static ModelOperation OperationOf(JsonService service, FormNode form)
    {
        var action = form["Action"]?.Text ?? throw new AwsException("MissingAction", "The request must contain the parameter Action.");
        return service.Model().Operations.GetValueOrDefault(action) ?? throw new AwsException("InvalidAction", $"The action {action} is not valid for this endpoint.");
    }

    private async Task<JsonObject?> RunAsync(HttpContext context, JsonService service, ModelOperation operation, FormNode form)
    {
        var handler = service.Served.GetValueOrDefault(operation.Name) ?? throw AwsException.NotServed($"The {service.Name} operation {operation.Name}");
        var input = QueryInput.Read(service.Model(), operation, form);
        if (new RequestValidator(service.Model()).Check(operation, [], context.Request, input.Span) is { } fault)
        {
            throw fault.Unreadable is { } text ? new AwsException("MalformedInput", text) : new AwsException("ValidationError", fault.Message);
        }

        using var document = JsonDocument.Parse(input);
        return await handler(new(context, operation, document.RootElement, AwsScope.Of(context.Request, _settings, Credentials)) { IsQuery = true });
    }

    /// <summary>Whether a path is <c>/</c>, or a queue's: <c>/{account}/{name}</c>.</summary>
    private static bool IsOwn(string[] parts) =>
        parts is ["", ""]
        || (parts is ["", { Length: 12 }, { Length: > 0 }] or ["", { Length: 12 }, { Length: > 0 }, ""] && !parts[1].AsSpan().ContainsAnyExceptInRange('0', '9'));

    private static string? ScopeOf(HttpRequest request) => SignedRequest.Read(request, out var signed) == SignatureReading.Signed ? signed.Service.ToString() : null;

    private static async Task AnswerAsync(HttpContext context, int status, byte[] xml)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/xml";
        context.Response.ContentLength = xml.Length;
        await context.Response.BodyWriter.WriteAsync(xml, context.RequestAborted);
    }
}
