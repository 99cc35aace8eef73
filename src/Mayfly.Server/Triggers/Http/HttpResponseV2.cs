using System.Collections.Immutable;
using System.Text.Json;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Makes the response of payload format 2.0 from a function's result.</summary>
public static class HttpResponseV2
{
    /// <summary>Reads a result.</summary>
    /// <param name="flavor">A function URL or an HTTP API: their defaults differ.</param>
    /// <param name="payload">The function's result.</param>
    /// <param name="problem">Why the result is no response.</param>
    /// <returns><see langword="null"/> when the result is no response.</returns>
    public static HttpAnswer? Read(HttpFlavor flavor, ReadOnlyMemory<byte> payload, out string? problem)
    {
        problem = null;
        var url = flavor == HttpFlavor.FunctionUrl;
        if (!FunctionAnswer.TryRead(payload, out var answer))
        {
            problem = "the function's result is not JSON";
            return url ? new(200, [new("Content-Type", "application/json")], payload) : null;
        }

        // 1. Without a status code the whole result is the body.
        if (!answer.HasStatus)
        {
            answer = answer.Kind == JsonTokenType.String ? answer : null;
            ReadOnlyMemory<byte> text = payload;
            _ = answer?.TryBody(anyJson: true, out text);
            return new(200, [new("Content-Type", "application/json")], text);
        }

        // 2. Else it is a response.
        problem = answer.Status == 0 ? "statusCode is not a number from 200 to 599" : answer.Problem;
        if (!answer.TryBody(anyJson: url, out var body))
        {
            problem ??= "body is not a string, or not base64";
        }

        if (problem is not null)
        {
            return null;
        }

        var headers = answer.Headers;
        if (!headers.Exists(IsContentType))
        {
            headers.Add(new("Content-Type", url ? "application/json" : "text/plain;charset=utf-8"));
        }

        foreach (var cookie in answer.Cookies)
        {
            headers.Add(new("Set-Cookie", cookie));
        }

        return new(answer.Status, [.. headers], body);
    }

    private static bool IsContentType(KeyValuePair<string, string> header) => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
}
