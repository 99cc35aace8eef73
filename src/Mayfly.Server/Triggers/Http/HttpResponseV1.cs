using System.Collections.Immutable;
using System.Text.Json;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Makes the response of payload format 1.0 from a function's result.</summary>
public static class HttpResponseV1
{
    /// <summary>Reads a result.</summary>
    /// <param name="flavor">A REST API or an HTTP API: their defaults differ.</param>
    /// <param name="payload">The function's result.</param>
    /// <param name="problem">Why the result is no response.</param>
    /// <returns><see langword="null"/> when the result is malformed.</returns>
    public static HttpAnswer? Read(HttpFlavor flavor, ReadOnlyMemory<byte> payload, out string? problem)
    {
        if (!FunctionAnswer.TryRead(payload, out var answer) || answer.Kind != JsonTokenType.StartObject)
        {
            problem = "the function's result is not a JSON object with a statusCode";
            return null;
        }

        problem = !answer.HasStatus ? "the function's result has no statusCode"
            : answer.Status == 0 ? "statusCode is not a number from 200 to 599"
            : answer.Problem;
        if (!answer.TryBody(anyJson: false, out var body))
        {
            problem ??= "body is not a string, or not base64";
        }

        if (problem is not null)
        {
            return null;
        }

        // Both lists are merged; a pair that stands in both is sent once.
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        headers.AddRange(answer.MultiValueHeaders);
        headers.AddRange(answer.Headers.Where(single => !answer.MultiValueHeaders.Exists(multi =>
            multi.Key.Equals(single.Key, StringComparison.OrdinalIgnoreCase) && multi.Value.Equals(single.Value, StringComparison.Ordinal))));
        if (!headers.Any(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
        {
            headers.Add(new("Content-Type", flavor == HttpFlavor.RestApi ? "application/json" : "text/plain;charset=utf-8"));
        }

        return new(answer.Status, headers.ToImmutable(), body);
    }
}
