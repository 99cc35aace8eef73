using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Writes errors as the Lambda API does: the name in a header, the members that the service's model gives it in JSON.</summary>
internal static class LambdaErrors
{
    // Quotes as the service writes them: nothing reads this as HTML.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, LambdaException error)
    {
        var shape = ServiceModel.Lambda.Error(error.Type);
        var response = context.Response;
        response.StatusCode = shape?.Status ?? error.Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = error.Type;
        if (response.StatusCode == StatusCodes.Status429TooManyRequests)
        {
            response.Headers.RetryAfter = "1";
        }

        await using var json = new Utf8JsonWriter(response.BodyWriter, Plain);
        json.WriteStartObject();
        if (error.Reason is not null)
        {
            json.WriteString("Reason", error.Reason);
        }

        // What is not in the model comes from the service's framework or its gate, which tell no type.
        if (shape is not null || response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            json.WriteString("Type", response.StatusCode >= StatusCodes.Status500InternalServerError ? "Service" : "User");
        }

        json.WriteString(MessageMember(error.Type, shape), error.Message);
        json.WriteEndObject();
    }

    /// <summary>It is spelled both ways.</summary>
    private static string MessageMember(string type, ModelShape? shape) =>
        type == "AccessDeniedException" || shape?.Members?.ContainsKey("Message") == true ? "Message" : "message";
}
