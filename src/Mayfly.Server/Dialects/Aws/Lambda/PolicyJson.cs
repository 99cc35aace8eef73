using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Resource policies as the Lambda API shows them: JSON in a text.</summary>
internal static class PolicyJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A policy of statements.</summary>
    public static string Of(IEnumerable<string> statements) => $$"""{"Version":"2012-10-17","Id":"default","Statement":[{{string.Join(',', statements)}}]}""";

    /// <summary>A statement that allows something.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="action">What is allowed.</param>
    /// <param name="principal">To whom: <c>*</c>, an account, an ARN or a service.</param>
    /// <param name="resource">On what: an ARN.</param>
    /// <param name="conditions">Under which conditions; one without a value is none.</param>
    public static string Statement(string id, string action, string principal, string resource, IEnumerable<(string Operator, string Key, string? Value)> conditions)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("Sid", id);
            json.WriteString("Effect", "Allow");
            if (principal == "*")
            {
                json.WriteString("Principal", "*");
            }
            else
            {
                json.WriteStartObject("Principal");
                json.WriteString(principal.Contains('.') ? "Service" : "AWS", principal.Length == 12 && principal.All(char.IsAsciiDigit) ? $"arn:aws:iam::{principal}:root" : principal);
                json.WriteEndObject();
            }

            json.WriteString("Action", action);
            json.WriteString("Resource", resource);
            WriteConditions(json, conditions);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteConditions(Utf8JsonWriter json, IEnumerable<(string Operator, string Key, string? Value)> conditions)
    {
        var given = conditions.Where(c => c.Value is not null).GroupBy(c => c.Operator, StringComparer.Ordinal).ToList();
        if (given.Count == 0)
        {
            return;
        }

        json.WriteStartObject("Condition");
        foreach (var group in given)
        {
            json.WriteStartObject(group.Key);
            foreach (var (_, key, value) in group)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
