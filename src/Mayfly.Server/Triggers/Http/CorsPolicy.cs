using System.Globalization;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Cross-origin answers in a function's name, by the rules that its URL or route declares.</summary>
public static class CorsPolicy
{
    private static readonly string[] AnswerHeaders =
    [
        "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
        "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
    ];

    /// <summary>Whether a browser asks beforehand what it may send.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey("Origin") && request.Headers.ContainsKey("Access-Control-Request-Method");

    /// <summary>Answers a preflight. An origin, method or header outside the rules gets no permission, which the browser reports.</summary>
    public static HttpAnswer Preflight(CorsRules rules, HttpRequest request, HttpFlavor flavor)
    {
        var headers = new List<KeyValuePair<string, string>>();
        var origin = request.Headers.Origin.ToString();
        if (AllowedOrigin(rules, origin) is { } allowed)
        {
            AddOrigin(headers, rules, allowed);
            Add(headers, "Access-Control-Allow-Methods", rules.AllowMethods, rules, request.Headers.AccessControlRequestMethod.ToString());
            Add(headers, "Access-Control-Allow-Headers", rules.AllowHeaders, rules, request.Headers.AccessControlRequestHeaders.ToString());
            if (rules.MaxAge is { } seconds)
            {
                headers.Add(new("Access-Control-Max-Age", seconds.ToString(CultureInfo.InvariantCulture)));
            }
        }

        // A function URL answers 200, API Gateway 204.
        return new(flavor == HttpFlavor.FunctionUrl ? 200 : 204, [.. headers], default);
    }

    /// <summary>Puts the rules' headers on an answer in place of those that the function set: with rules, its own do not count.</summary>
    public static void Apply(CorsRules rules, HttpRequest request, IHeaderDictionary answer)
    {
        foreach (var name in AnswerHeaders)
        {
            answer.Remove(name);
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || AllowedOrigin(rules, origin) is not { } allowed)
        {
            return;
        }

        var headers = new List<KeyValuePair<string, string>>();
        AddOrigin(headers, rules, allowed);
        if (!rules.ExposeHeaders.IsDefaultOrEmpty)
        {
            headers.Add(new("Access-Control-Expose-Headers", string.Join(',', rules.ExposeHeaders)));
        }

        foreach (var (name, value) in headers)
        {
            answer.Append(name, value);
        }
    }

    private static void AddOrigin(List<KeyValuePair<string, string>> headers, CorsRules rules, string allowed)
    {
        headers.Add(new("Access-Control-Allow-Origin", allowed));
        if (allowed != "*")
        {
            headers.Add(new("Vary", "Origin"));
        }

        if (rules.AllowCredentials)
        {
            headers.Add(new("Access-Control-Allow-Credentials", "true"));
        }
    }

    private static void Add(List<KeyValuePair<string, string>> headers, string name, IReadOnlyCollection<string> allowed, CorsRules rules, string asked)
    {
        // With credentials a browser takes a star for a name, so what was asked is repeated.
        var star = allowed.Contains("*", StringComparer.Ordinal);
        var value = star && rules.AllowCredentials && HeaderText.IsValue(asked) ? asked : star ? "*" : string.Join(',', allowed);
        if (value.Length > 0)
        {
            headers.Add(new(name, value));
        }
    }

    private static string? AllowedOrigin(CorsRules rules, string origin)
    {
        if (!HeaderText.IsValue(origin))
        {
            return null;
        }

        if (rules.AllowOrigins.Contains("*"))
        {
            return rules.AllowCredentials ? origin : "*";
        }

        return rules.AllowOrigins.Any(rule => Matches(rule, origin)) ? origin : null;
    }

    /// <summary>Whether an origin fits a rule, which may have one star: <c>https://*.example.com</c>, <c>https://*</c>.</summary>
    private static bool Matches(string rule, string origin)
    {
        var star = rule.IndexOf('*', StringComparison.Ordinal);
        return star < 0
            ? origin.Equals(rule.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)
            : origin.Length >= rule.Length
                && origin.StartsWith(rule[..star], StringComparison.OrdinalIgnoreCase)
                && origin.EndsWith(rule[(star + 1)..], StringComparison.OrdinalIgnoreCase);
    }
}
