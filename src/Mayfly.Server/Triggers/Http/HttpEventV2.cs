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

        var json = EventJson.Begin(output);
        json.WriteStartObject();
        json.WriteString("version"u8, "2.0"u8);
        json.WriteString("routeKey"u8, call.RouteKey);
        json.WriteString("rawPath"u8, path);
        json.WriteString("rawQueryString"u8, request.QueryString.HasValue ? request.QueryString.Value.AsSpan(1) : "");
        WriteCookies(json, request);
        WriteHeaders(json, context, call);
        WriteQuery(json, request);
        WriteContext(json, context, call, path);
        if (!call.PathParameters.IsDefaultOrEmpty)
        {
            json.WriteStartObject("pathParameters"u8);
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
            json.WriteBase64String("body"u8, body);
        }

        json.WriteBoolean("isBase64Encoded"u8, !body.IsEmpty && !text);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteCookies(Utf8JsonWriter json, HttpRequest request)
    {
        var cookies = request.Headers.Cookie;
        if (cookies.Count == 0)
        {
            return;
        }

        json.WriteStartArray("cookies"u8);
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
        json.WriteStartObject("headers"u8);
        Span<char> lower = stackalloc char[256];
        foreach (var (name, values) in RequestFields.Headers(context, call))
        {
            // Cookies stand in their own array.
            if (!name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
            {
                var length = name.AsSpan().ToLowerInvariant(lower);
                json.WriteString(length < 0 ? name.ToLowerInvariant() : lower[..length], values.ToString());
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

        json.WriteStartObject("queryStringParameters"u8);
        foreach (var (name, values) in query)
        {
            json.WriteString(name, string.Join(',', values));
        }

        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json, HttpContext context, HttpCall call, string path)
    {
        json.WriteStartObject("requestContext"u8);
        json.WriteString("accountId"u8, call.EventAccount);
        json.WriteString("apiId"u8, call.ApiId);
        if (call.AccessKey is not null)
        {
            WriteSigner(json, call);
        }

        json.WriteString("domainName"u8, RequestFields.DomainName(context));
        json.WriteString("domainPrefix"u8, call.ApiId);
        json.WriteStartObject("http"u8);
        json.WriteString("method"u8, context.Request.Method);
        json.WriteString("path"u8, path);
        json.WriteString("protocol"u8, context.Request.Protocol);
        json.WriteString("sourceIp"u8, RequestFields.SourceIp(context));
        json.WriteString("userAgent"u8, context.Request.Headers.UserAgent.ToString());
        json.WriteEndObject();
        json.WriteString("requestId"u8, call.RequestId);
        json.WriteString("routeKey"u8, call.RouteKey);
        json.WriteString("stage"u8, call.Stage);
        json.WriteString("time"u8, RequestFields.Time(call.ReceivedAt));
        json.WriteNumber("timeEpoch"u8, call.ReceivedAt.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    private static void WriteSigner(Utf8JsonWriter json, HttpCall call)
    {
        json.WriteStartObject("authorizer"u8);
        json.WriteStartObject("iam"u8);
        json.WriteString("accessKey"u8, call.AccessKey);
        json.WriteString("accountId"u8, call.Function.Account);
        json.WriteString("callerId"u8, call.AccessKey);
        json.WriteNull("cognitoIdentity"u8);
        json.WriteNull("principalOrgId"u8);
        json.WriteString("userArn"u8, $"arn:aws:iam::{call.Function.Account}:root");
        json.WriteString("userId"u8, call.AccessKey);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
