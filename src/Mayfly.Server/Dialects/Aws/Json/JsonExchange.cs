using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>What the doors of services that speak JSON do alike with a request and its answer, however it tells the operation.</summary>
internal static class JsonExchange
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks the signature, where one is asked for.</summary>
    /// <exception cref="AwsException">It is refused.</exception>
    public static async Task VerifyAsync(HttpContext context, SignatureCheck? signatures)
    {
        if (signatures is not null && await signatures.CheckAsync(context) is { } refusal)
        {
            throw new AwsException(refusal.Type, refusal.Message, refusal.Status);
        }
    }

    /// <summary>Reads the body, and checks the request by the model.</summary>
    /// <param name="context">The request.</param>
    /// <param name="model">The service's model.</param>
    /// <param name="operation">What is asked for.</param>
    /// <param name="path">The segments of the path that are input; none where there is no input in it.</param>
    /// <param name="most">Most bytes of a body.</param>
    /// <exception cref="AwsException">It is refused.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, ServiceModel model, ModelOperation operation, string[] path, int most)
    {
        var body = await RequestBody.ReadAsync(context, most) ?? throw new AwsException("RequestEntityTooLargeException", $"Request must be smaller than {most} bytes", 413);
        return new RequestValidator(model).Check(operation, path, context.Request, body.Span) is { } fault ? throw AwsException.Of(fault) : body;
    }

    /// <summary>Answers.</summary>
    public static async Task AnswerAsync(HttpContext context, int status, string contentType, JsonObject answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        var bytes = Bytes(answer);
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>An object as JSON, in which only that is escaped that must be.</summary>
    public static ReadOnlyMemory<byte> Bytes(JsonObject json)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteTo(writer);
        }

        return bytes.WrittenMemory;
    }

    /// <summary>The member in which an error has its message: as its shape spells it.</summary>
    public static string MessageMember(ModelShape? error) => error?.Members?.ContainsKey("Message") == true ? "Message" : "message";
}
