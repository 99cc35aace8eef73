using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Writes the event of payload format 2.0: function URLs and HTTP API routes.</summary>
public static class HttpEventV2
{
    /// <summary>Writes the whole event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="context">The request; its body has been read.</param>
    /// <param name="call">What the request found.</param>
    /// <param name="body">The request's body; empty means none, and the event then has no <c>body</c>.</param>
    public static void Write(IBufferWriter<byte> output, HttpContext context, HttpCall call, ReadOnlySpan<byte> body)
    {
        // An HTTP API shows paths decoded, a function URL as they came.
        var path = call.Flavor == HttpFlavor.HttpApi ? RequestFields.Decode(call.Path) : call.Path;
        var request = context.Request;

        using var json = new Utf8JsonWriter(output, EventJson.Options);
        json.WriteStartObject();
        json.WriteString("version", "2.0");
        json.WriteString("routeKey", call.RouteKey);
        json.WriteString("rawPath", path);
        json.WriteString("rawQueryString", request.QueryString.HasValue ? request.QueryString.Value.AsSpan(1) : "");
        WriteCookies(json, request);
        WriteHeaders(json, context, call);
        WriteQuery(json, request);
        WriteContext(json, context, call, path);
        if (!call.PathParameters.IsDefaultOrEmpty)
        {
            json.WriteStartObject("pathParameters");
            foreach (var (name, value) in call.PathParameters)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        var text = RequestFields.IsText(request.ContentType);
        if (!body.IsEmpty && text)
        {
            RequestFields.WriteText(json, "body", body);
        }
        else if (!body.IsEmpty)
        {
            json.WriteBase64String("body", body);
        }

        json.WriteBoolean("isBase64Encoded", !body.IsEmpty && !text);
        json.WriteEndObject();
    }

    private static void WriteCookies(Utf8JsonWriter json, HttpRequest request)
    {
        var cookies = request.Headers.Cookie;
        if (cookies.Count == 0)
        {
            return;
        }

        json.WriteStartArray("cookies");
        foreach (var line in cookies)
        {
            foreach (var cookie in (line ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                json.WriteStringValue(cookie);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteHeaders(Utf8JsonWriter json, HttpContext context, HttpCall call)
    {
        json.WriteStartObject("headers");
        foreach (var (name, values) in RequestFields.Headers(context, call))
        {
            // Cookies stand in their own array.
            if (!name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
            {
                json.WriteString(name.ToLowerInvariant(), values.Length == 1 ? values[0] : string.Join(',', values));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteQuery(Utf8JsonWriter json, HttpRequest request)
    {
        var query = RequestFields.Query(request.QueryString.Value);
        if (query.Count == 0)
        {
            return;
        }

        json.WriteStartObject("queryStringParameters");
        foreach (var (name, values) in query)
        {
            json.WriteString(name, string.Join(',', values));
        }

        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json, HttpContext context, HttpCall call, string path)
    {
        json.WriteStartObject("requestContext");
        json.WriteString("accountId", call.EventAccount);
        json.WriteString("apiId", call.ApiId);
        if (call.AccessKey is not null)
        {
            WriteSigner(json, call);
        }

        json.WriteString("domainName", RequestFields.DomainName(context));
        json.WriteString("domainPrefix", call.ApiId);
        json.WriteStartObject("http");
        json.WriteString("method", context.Request.Method);
        json.WriteString("path", path);
        json.WriteString("protocol", context.Request.Protocol);
        json.WriteString("sourceIp", RequestFields.SourceIp(context));
        json.WriteString("userAgent", context.Request.Headers.UserAgent.ToString());
        json.WriteEndObject();
        json.WriteString("requestId", call.RequestId);
        json.WriteString("routeKey", call.RouteKey);
        json.WriteString("stage", call.Stage);
        json.WriteString("time", RequestFields.Time(call.ReceivedAt));
        json.WriteNumber("timeEpoch", call.ReceivedAt.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    private static void WriteSigner(Utf8JsonWriter json, HttpCall call)
    {
        json.WriteStartObject("authorizer");
        json.WriteStartObject("iam");
        json.WriteString("accessKey", call.AccessKey);
        json.WriteString("accountId", call.Function.Account);
        json.WriteString("callerId", call.AccessKey);
        json.WriteNull("cognitoIdentity");
        json.WriteNull("principalOrgId");
        json.WriteString("userArn", $"arn:aws:iam::{call.Function.Account}:root");
        json.WriteString("userId", call.AccessKey);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
