using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>One request to the Lambda API: what it names and how it is read and answered.</summary>
/// <param name="Http">The exchange.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Path">The path's segments, decoded.</param>
/// <param name="Scope">Account and region.</param>
/// <param name="RequestId">In the answer's header.</param>
internal sealed record LambdaCall(HttpContext Http, LambdaOperation Operation, string[] Path, AwsScope Scope, string RequestId)
{
    private const int SmallRequest = 1024 * 1024;

    public CancellationToken Aborted => Http.RequestAborted;

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var value) && value.Count > 0 ? value[0] : null;

    public string? Header(string name) => Http.Request.Headers.TryGetValue(name, out var value) && value.Count > 0 ? value[0] : null;

    /// <summary>The function that the path names, with its qualifier from there or from the query.</summary>
    public FunctionRef Function() => Function(Path[2]);

    /// <summary>The function that a text names, with its qualifier from there or from the query.</summary>
    public FunctionRef Function(string text)
    {
        var reference = FunctionChecks.Reference(text, Scope);
        if (Query("Qualifier") is not { Length: > 0 } qualifier)
        {
            return reference;
        }

        return reference.Qualifier is { } other && other != qualifier
            ? throw LambdaException.InvalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
            : reference with { Qualifier = qualifier };
    }

    /// <summary>Reads the JSON body.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="limit">Most bytes that it may have.</param>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type, long limit = SmallRequest)
    {
        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(Http.Request.Body, type, Aborted)
                ?? throw LambdaException.InvalidContent("Could not parse request body into json: the body is null");
        }
        catch (JsonException e)
        {
            throw LambdaException.InvalidContent($"Could not parse request body into json: {e.Message}");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new LambdaException(413, "RequestEntityTooLargeException", $"Request must be smaller than {limit} bytes for the {Operation.Name} operation");
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
