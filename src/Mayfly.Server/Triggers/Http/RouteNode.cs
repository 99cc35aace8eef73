namespace Mayfly.Server.Triggers.Http;

/// <summary>One segment's place in a <see cref="RouteTable"/>. Never changed once the table is built.</summary>
internal sealed class RouteNode
{
    private readonly Dictionary<string, RouteNode> _literals = new(StringComparer.Ordinal);

    /// <summary>The routes that end here.</summary>
    public List<HttpRoute> Routes { get; } = [];

    /// <summary>Where any one segment leads.</summary>
    public RouteNode? Parameter { get; private set; }

    /// <summary>Where all remaining segments lead.</summary>
    public RouteNode? Greedy { get; private set; }

    /// <summary>Whether a template's segment is a parameter of either kind.</summary>
    public static bool IsParameter(string segment) => segment.StartsWith('{') && segment.EndsWith('}');

    /// <summary>Where a literal segment leads.</summary>
    public RouteNode? Literal(string segment) => _literals.GetValueOrDefault(segment);

    /// <summary>The child for a template's segment, made when missing.</summary>
    public RouteNode Child(string segment)
    {
        if (IsParameter(segment))
        {
            return segment.EndsWith("+}", StringComparison.Ordinal) ? Greedy ??= new RouteNode() : Parameter ??= new RouteNode();
        }

        if (!_literals.TryGetValue(segment, out var child))
        {
            _literals[segment] = child = new RouteNode();
        }

        return child;
    }

    /// <summary>Lets a route end here, unless its method already does.</summary>
    public void Add(HttpRoute route)
    {
        if (!Routes.Exists(other => other.Method == route.Method))
        {
            Routes.Add(route);
        }
    }

    /// <summary>The route for a method: the exact one, else <c>ANY</c>.</summary>
    public HttpRoute? Pick(string method) =>
        Routes.Find(route => route.Method == method) ?? Routes.Find(static route => route.Method == "ANY");
}
