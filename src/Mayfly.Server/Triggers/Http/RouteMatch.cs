using System.Collections.Immutable;

namespace Mayfly.Server.Triggers.Http;

/// <summary>A route that fits a request.</summary>
/// <param name="Route">The route.</param>
/// <param name="Parameters">Values of its path parameters, decoded, in the order of the template.</param>
public sealed record RouteMatch(HttpRoute Route, ImmutableArray<KeyValuePair<string, string>> Parameters);
