using System.Collections.Immutable;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Triggers.Http;

/// <summary>
/// The routes of one service as an immutable tree of path segments. At each segment a literal beats <c>{name}</c>,
/// which beats <c>{name+}</c>; at the end the exact method beats <c>ANY</c>; <c>$default</c> takes what is left.
/// </summary>
public sealed class RouteTable
{
    private readonly RouteNode _rest = new();
    private readonly RouteNode _http = new();
    private readonly HttpRoute? _fallback;

    /// <summary>Builds the tree. Of two equal routes the first stays.</summary>
    public RouteTable(IEnumerable<HttpRoute> routes)
    {
        foreach (var route in routes)
        {
            if (!route.Rest)
            {
                HasHttp = true;
                ApiCors ??= route.Cors;
            }

            if (route.Path == "$default")
            {
                _fallback ??= route;
            }
            else
            {
                Add(route.Rest ? _rest : _http, route);
            }

            HasRest |= route.Rest;
        }
    }

    /// <summary>No routes.</summary>
    public static RouteTable Empty { get; } = new([]);

    /// <summary>Whether there is an HTTP API.</summary>
    public bool HasHttp { get; }

    /// <summary>Whether there is a REST API.</summary>
    public bool HasRest { get; }

    /// <summary>The cross-origin rules of the HTTP API as a whole.</summary>
    public CorsRules? ApiCors { get; }

    /// <summary>Finds a route of the HTTP API: the best path that has the method.</summary>
    public RouteMatch? MatchHttp(string method, string path) =>
        Find(_http, Segments(path, keepTrailingSlash: true), method) ?? (_fallback is null ? null : new(_fallback, []));

    /// <summary>Finds a route of the HTTP API without looking at <c>$default</c>.</summary>
    public bool HasExplicitHttp(string method, string path) => Find(_http, Segments(path, keepTrailingSlash: true), method) is not null;

    /// <summary>Finds a route of the REST API: the best path decides, and whether it has the method comes second.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">The path after the stage.</param>
    /// <param name="cors">The rules of the path, when any method of it has some.</param>
    public RouteMatch? MatchRest(string method, string path, out CorsRules? cors)
    {
        cors = null;
        var segments = Segments(path, keepTrailingSlash: false);
        var values = new List<string>();
        if (Walk(_rest, segments, 0, values, static _ => true) is not { } node)
        {
            return null;
        }

        cors = node.Routes.FirstOrDefault(route => route.Cors is not null)?.Cors;
        return node.Pick(method) is { } route ? Match(route, values) : null;
    }

    private static void Add(RouteNode root, HttpRoute route)
    {
        var node = root;
        foreach (var segment in Segments(route.Path, keepTrailingSlash: !route.Rest, decode: false))
        {
            node = node.Child(segment);
        }

        node.Add(route);
    }

    private static RouteMatch? Find(RouteNode root, string[] segments, string method)
    {
        var values = new List<string>();
        return Walk(root, segments, 0, values, node => node.Pick(method) is not null) is { } node ? Match(node.Pick(method)!, values) : null;
    }

    /// <summary>Walks depth first in order of precedence; <paramref name="values"/> holds what the parameters on the way took.</summary>
    private static RouteNode? Walk(RouteNode node, string[] segments, int at, List<string> values, Func<RouteNode, bool> takes)
    {
        if (at == segments.Length)
        {
            return node.Routes.Count > 0 && takes(node) ? node : null;
        }

        if (node.Literal(segments[at]) is { } literal && Walk(literal, segments, at + 1, values, takes) is { } byLiteral)
        {
            return byLiteral;
        }

        if (node.Parameter is not null && segments[at].Length > 0)
        {
            values.Add(segments[at]);
            if (Walk(node.Parameter, segments, at + 1, values, takes) is { } byParameter)
            {
                return byParameter;
            }

            values.RemoveAt(values.Count - 1);
        }

        if (node.Greedy is { Routes.Count: > 0 } && takes(node.Greedy) && segments[at..].Any(segment => segment.Length > 0))
        {
            values.Add(string.Join('/', segments[at..]));
            return node.Greedy;
        }

        return null;
    }

    private static RouteMatch Match(HttpRoute route, List<string> values)
    {
        var names = Segments(route.Path, keepTrailingSlash: false, decode: false).Where(RouteNode.IsParameter).Select(segment => segment.Trim('{', '}', '+'));
        return new(route, [.. names.Zip(values, static (name, value) => new KeyValuePair<string, string>(name, value))]);
    }

    // Segments are cut first and decoded then, so that an encoded slash stays inside its segment.
    private static string[] Segments(string path, bool keepTrailingSlash, bool decode = true)
    {
        var text = path.StartsWith('/') ? path[1..] : path;
        if (!keepTrailingSlash)
        {
            text = text.TrimEnd('/');
        }

        if (text.Length == 0)
        {
            return [];
        }

        var segments = text.Split('/');
        return decode ? Array.ConvertAll(segments, RequestFields.Decode) : segments;
    }
}
