using System.Text.Json.Nodes;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>The services that speak AWS JSON, at <c>POST /</c>: a header tells service and operation.</summary>
public sealed class JsonDoor : IDoor
{
    private readonly JsonService[] _services;
    private readonly ServerSettings _settings;

    internal JsonDoor(JsonService[] services, ServerSettings settings) => (_services, _settings) = (services, settings);

    /// <summary>What recognises the credentials of functions, so that their calls belong to their account.</summary>
    public FunctionCredentials? Credentials { get; init; }

    /// <summary>What checks the signatures of requests; <see langword="null"/> means that none is.</summary>
    public SignatureCheck? Signatures { get; init; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context) => Find(context.Request, out _) is { } service && (service.HasPaths || context.Request.Path == "/");

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context) => PoolScheduler.RunAsync(() => ServeAsync(context));

    private async Task ServeAsync(HttpContext context)
    {
        context.Response.Headers["x-amzn-RequestId"] = InvocationId.New();
        var service = Find(context.Request, out var name)!;
        try
        {
            await JsonExchange.AnswerAsync(context, 200, service.ContentType, await RunAsync(context, service, name) ?? []);
        }
        catch (Exception e) when (AwsException.Of(e, service.InternalError) is { } error)
        {
            var shape = service.Model().Error(error.Type);
            var status = shape?.Status ?? error.Status;
            if (service.Model().Namespace is not null)
            {
                // It spoke the query protocol before: those who knew its errors then find them here.
                context.Response.Headers["x-amzn-query-error"] = $"{shape?.Code ?? error.Type};{(status < 500 ? "Sender" : "Receiver")}";
            }

            await JsonExchange.AnswerAsync(context, status, service.ContentType, new() { ["__type"] = TypeOf(service, error, shape), [JsonExchange.MessageMember(shape)] = error.Message });
        }
    }

    private async Task<JsonObject?> RunAsync(HttpContext context, JsonService service, string name)
    {
        await JsonExchange.VerifyAsync(context, Signatures);
        var operation = service.Model().Operations.GetValueOrDefault(name) ?? throw new AwsException("UnknownOperationException", $"{service.Name} has no operation '{name}'.");
        var handler = service.Served.GetValueOrDefault(name) ?? throw AwsException.NotServed($"The {service.Name} operation {name}");
        var body = await JsonExchange.ReadAsync(context, service.Model(), operation, [], service.MaxBody);
        using var document = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body);
        return await handler(new(context, operation, document.RootElement, AwsScope.Of(context.Request, _settings, Credentials)));
    }

    private static string TypeOf(JsonService service, AwsException error, ModelShape? shape) => service.Model() switch
    {
        { Namespace: null } => error.Type,
        { Name: var name } when shape is not null => $"com.amazonaws.{name}#{error.Type}",
        _ => $"com.amazon.coral.service#{error.Type}",
    };

    private JsonService? Find(HttpRequest request, out string operation)
    {
        var target = request.Headers["X-Amz-Target"].ToString();
        var dot = target.LastIndexOf('.');
        operation = target[(dot + 1)..];
        return dot < 0 || !HttpMethods.IsPost(request.Method) ? null : Array.Find(_services, service => target.AsSpan(0, dot).SequenceEqual(service.Target));
    }
}
