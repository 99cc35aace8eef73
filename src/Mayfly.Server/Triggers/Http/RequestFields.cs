using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mayfly.Server.Triggers.Http;

/// <summary>What both event formats read from a request in the same way.</summary>
internal static class RequestFields
{
    /// <summary>Headers that belong to the connection with the client and never reach a function.</summary>
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    // Many requests come in the same second.
    private static Tuple<long, string>? s_lastTime;

    /// <summary>The client's address.</summary>
    public static string SourceIp(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.Loopback;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary>The host that was asked, without a port.</summary>
    public static string DomainName(HttpContext context) => context.Request.Host.Host;

    /// <summary>For example <c>12/Mar/2020:19:03:58 +0000</c>.</summary>
    public static string Time(DateTimeOffset time)
    {
        var (second, last) = (time.ToUnixTimeSeconds(), s_lastTime);
        if (last?.Item1 != second)
        {
            s_lastTime = last = new(second, time.UtcDateTime.ToString("dd/MMM/yyyy:HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        }

        return last.Item2;
    }

    /// <summary>The headers that a function gets: the client's without those of the connection, and those that a load balancer adds.</summary>
    public static IEnumerable<(string Name, StringValues Values)> Headers(HttpContext context, HttpCall call)
    {
        var request = context.Request;
        foreach (var (name, values) in request.Headers)
        {
            if (!HopByHop.Contains(name) && !IsForwarding(name))
            {
                yield return (name, values);
            }
        }

        var client = SourceIp(context);
        var before = request.Headers["X-Forwarded-For"].ToString();
        yield return ("X-Forwarded-For", before.Length == 0 ? client : $"{before}, {client}");
        yield return ("X-Forwarded-Port", (request.Host.Port ?? context.Connection.LocalPort).ToString(CultureInfo.InvariantCulture));
        yield return ("X-Forwarded-Proto", request.Scheme);
        yield return ("X-Amzn-Trace-Id", call.TraceId);
    }

    /// <summary>Query parameters in order of first appearance, decoded, repeats gathered.</summary>
    public static IReadOnlyList<(string Name, List<string> Values)> Query(string? query)
    {
        if (string.IsNullOrEmpty(query))
        {
            return [];
        }

        var gathered = new List<(string Name, List<string> Values)>();
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = WebUtility.UrlDecode(equals < 0 ? part : part[..equals]);
            var value = equals < 0 ? "" : WebUtility.UrlDecode(part[(equals + 1)..]);
            var index = gathered.FindIndex(pair => string.Equals(pair.Name, name, StringComparison.Ordinal));
            if (index < 0)
            {
                gathered.Add((name, [value]));
            }
            else
            {
                gathered[index].Values.Add(value);
            }
        }

        return gathered;
    }

    /// <summary>
    /// Whether AWS hands a body of this type on as text. The list is short: a form or a body without a type is base64,
    /// as callers of the real service have seen.
    /// </summary>
    public static bool IsText(string? contentType)
    {
        var type = (contentType ?? "").AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/xml", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/javascript", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Writes a body as a JSON string. Bytes that are not UTF-8 become U+FFFD, as on AWS.</summary>
    public static void WriteText(Utf8JsonWriter json, string property, ReadOnlySpan<byte> body)
    {
        if (System.Text.Unicode.Utf8.IsValid(body))
        {
            json.WriteString(property, body);
        }
        else
        {
            json.WriteString(property, Encoding.UTF8.GetString(body));
        }
    }

    /// <summary>Decodes a path's percent signs once. A sign that begins no valid pair stays.</summary>
    public static string Decode(string path) => path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path;

    private static bool IsForwarding(string name) =>
        name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Forwarded-Port", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Forwarded-Proto", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Amzn-Trace-Id", StringComparison.OrdinalIgnoreCase);
}
