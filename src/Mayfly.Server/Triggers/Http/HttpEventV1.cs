using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Writes the event of payload format 1.0: REST API routes, and HTTP API routes that ask for it.</summary>
public static class HttpEventV1
{
    /// <summary>Writes the whole event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="context">The request; its body has been read.</param>
    /// <param name="call">What the request found.</param>
    /// <param name="body">The request's body; empty means none, and <c>body</c> is then null.</param>
    public static void Write(IBufferWriter<byte> output, HttpContext context, HttpCall call, ReadOnlySpan<byte> body)
    {
        var rest = call.Flavor == HttpFlavor.RestApi;
        var path = rest ? call.Path : RequestFields.Decode(call.Path);
        var request = context.Request;

        var json = EventJson.Begin(output);
        json.WriteStartObject();
        if (!rest)
        {
            json.WriteString("version", "1.0");
        }

        json.WriteString("resource", call.Resource);
        json.WriteString("path", path);
        json.WriteString("httpMethod", request.Method);
        WriteHeaders(json, context, call);
        WriteQuery(json, RequestFields.Query(request.QueryString.Value));
        WriteContext(json, context, call, path);
        WriteParameters(json, call);
        json.WriteNull("stageVariables");
        WriteBody(json, rest, request.ContentType, body);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteBody(Utf8JsonWriter json, bool rest, string? contentType, ReadOnlySpan<byte> body)
    {
        // A REST API hands every body on as text and would break a binary one; Mayfly acts as if its type stood in binaryMediaTypes.
        var text = rest ? Utf8.IsValid(body) : RequestFields.IsText(contentType);
        if (body.IsEmpty)
        {
            json.WriteNull("body");
        }
        else if (text)
        {
            RequestFields.WriteText(json, "body", body);
        }
        else
        {
            json.WriteBase64String("body", body);
        }

        json.WriteBoolean("isBase64Encoded", !body.IsEmpty && !text);
    }

    private static void WriteHeaders(Utf8JsonWriter json, HttpContext context, HttpCall call)
    {
        var headers = RequestFields.Headers(context, call).ToList();
        json.WriteStartObject("headers");
        foreach (var (name, values) in headers)
        {
            json.WriteString(name, values.Count == 0 ? "" : values[^1]);
        }

        json.WriteEndObject();
        json.WriteStartObject("multiValueHeaders");
        foreach (var (name, values) in headers)
        {
            WriteArray(json, name, values);
        }

        json.WriteEndObject();
    }

    private static void WriteQuery(Utf8JsonWriter json, IReadOnlyList<(string Name, List<string> Values)> query)
    {
        if (query.Count == 0)
        {
            json.WriteNull("queryStringParameters");
            json.WriteNull("multiValueQueryStringParameters");
            return;
        }

        json.WriteStartObject("queryStringParameters");
        foreach (var (name, values) in query)
        {
            json.WriteString(name, values[^1]);
        }

        json.WriteEndObject();
        json.WriteStartObject("multiValueQueryStringParameters");
        foreach (var (name, values) in query)
        {
            WriteArray(json, name, values);
        }

        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, HttpCall call)
    {
        if (call.PathParameters.IsDefaultOrEmpty)
        {
            json.WriteNull("pathParameters");
            return;
        }

        json.WriteStartObject("pathParameters");
        foreach (var (name, value) in call.PathParameters)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json, HttpContext context, HttpCall call, string path)
    {
        var rest = call.Flavor == HttpFlavor.RestApi;
        json.WriteStartObject("requestContext");
        json.WriteString("resourceId", rest ? call.ApiId[..6] : call.RouteKey);
        json.WriteString("resourcePath", call.Resource);
        json.WriteString("httpMethod", context.Request.Method);
        json.WriteString("extendedRequestId", call.RequestId);
        json.WriteString("requestTime", RequestFields.Time(call.ReceivedAt));
        json.WriteString("path", rest ? $"/{call.Stage}{path}" : path);
        json.WriteString("accountId", call.Function.Account);
        json.WriteString("protocol", context.Request.Protocol);
        json.WriteString("stage", call.Stage);
        json.WriteString("domainPrefix", call.ApiId);
        json.WriteNumber("requestTimeEpoch", call.ReceivedAt.ToUnixTimeMilliseconds());
        json.WriteString("requestId", call.RequestId);
        json.WriteStartObject("identity");
        foreach (var absent in (ReadOnlySpan<string>)["cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller"])
        {
            json.WriteNull(absent);
        }

        json.WriteString("sourceIp", RequestFields.SourceIp(context));
        foreach (var absent in (ReadOnlySpan<string>)["principalOrgId", "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn"])
        {
            json.WriteNull(absent);
        }

        json.WriteString("userAgent", context.Request.Headers.UserAgent.ToString());
        json.WriteNull("user");
        json.WriteEndObject();
        json.WriteString("domainName", RequestFields.DomainName(context));
        json.WriteString("apiId", call.ApiId);
        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<string?> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value ?? "");
        }

        json.WriteEndArray();
    }
}
