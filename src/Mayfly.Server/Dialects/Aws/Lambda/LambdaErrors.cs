using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Writes errors as the Lambda API does: the name in a header, the rest in JSON.</summary>
internal static class LambdaErrors
{
    public static async Task WriteAsync(HttpContext context, LambdaException error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = error.Type;
        if (error.Status == 429)
        {
            response.Headers.RetryAfter = "1";
        }

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        if (error.Reason is not null)
        {
            json.WriteString("Reason", error.Reason);
        }

        if (error.Type != "ValidationException")
        {
            json.WriteString("Type", error.Status >= 500 ? "Service" : "User");
        }

        json.WriteString(MessageField(error.Type), error.Message);
        json.WriteEndObject();
    }

    /// <summary>The service model spells the member both ways.</summary>
    private static string MessageField(string type) => type switch
    {
        "ResourceNotFoundException" or "ServiceException" or "InvalidRuntimeException" => "Message",
        _ => "message",
    };
}
