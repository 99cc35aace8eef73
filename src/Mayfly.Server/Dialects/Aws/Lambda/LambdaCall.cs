using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>One request to the Lambda API: what it names and how it is read and answered.</summary>
/// <param name="Http">The exchange.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Path">The path's segments, decoded.</param>
/// <param name="Scope">Account and region.</param>
/// <param name="RequestId">In the answer's header.</param>
internal sealed record LambdaCall(HttpContext Http, ModelOperation Operation, string[] Path, AwsScope Scope, string RequestId)
{
    private ReadOnlyMemory<byte> _body;

    public CancellationToken Aborted => Http.RequestAborted;

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var value) && value.Count > 0 ? value[0] : null;

    public string? Header(string name) => Http.Request.Headers.TryGetValue(name, out var value) && value.Count > 0 ? value[0] : null;

    /// <summary>The function that the path names, with its qualifier from there or from the query.</summary>
    public FunctionRef Function() => Function(Path[2]);

    /// <summary>The function that a text names, with its qualifier from there or from the query.</summary>
    public FunctionRef Function(string text) => FunctionNames.Resolve(text, Query("Qualifier"), Scope, Operation.Name);

    /// <summary>Reads the body and checks the whole request against the service's model: what a handler sees is within its bounds.</summary>
    /// <exception cref="LambdaException">It is not.</exception>
    public async Task CheckAsync()
    {
        _body = await RequestBody.ReadAsync(Http, Operation);
        if (new RequestValidator(ServiceModel.Lambda).Check(Operation, Path, Http.Request, _body.Span) is { } fault)
        {
            throw LambdaException.Of(fault);
        }
    }

    /// <summary>Hands over the body that was checked. It can be taken once: a zip is not kept longer than its base64 is needed.</summary>
    /// <param name="type">Its type.</param>
    public ValueTask<T> ReadAsync<T>(JsonTypeInfo<T> type)
    {
        var body = _body;
        _body = default;
        try
        {
            return ValueTask.FromResult(JsonSerializer.Deserialize(body.IsEmpty || body.Span.SequenceEqual("null"u8) ? "{}"u8 : body.Span, type)!);
        }
        catch (JsonException e)
        {
            throw LambdaException.Serialization(e.Message);
        }
    }

    /// <summary>Answers with JSON.</summary>
    public async Task AnswerAsync<T>(int status, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        Http.Response.StatusCode = status;
        Http.Response.ContentType = "application/json";
        Http.Response.ContentLength = body.Length;
        await Http.Response.BodyWriter.WriteAsync(body, Aborted);
    }

    /// <summary>Answers with 204.</summary>
    public Task NothingAsync()
    {
        Http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
