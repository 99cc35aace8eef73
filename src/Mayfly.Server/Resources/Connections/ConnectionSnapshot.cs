using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Connections;

/// <summary>All connections and API destinations at one moment. Immutable.</summary>
/// <param name="Connections">By name.</param>
/// <param name="Destinations">By name.</param>
public sealed record ConnectionSnapshot(ImmutableDictionary<ScopedName, Connection> Connections, ImmutableDictionary<ScopedName, ApiDestination> Destinations)
{
    /// <summary>The connection with an ARN.</summary>
    public Connection? FindConnection(string arn) =>
        ScopedName.TryParse(arn, Connection.Kind, out var name) && Connections.GetValueOrDefault(name) is { } found && found.Arn == arn ? found : null;

    /// <summary>The API destination with an ARN.</summary>
    public ApiDestination? FindDestination(string arn) =>
        ScopedName.TryParse(arn, ApiDestination.Kind, out var name) && Destinations.GetValueOrDefault(name) is { } found && found.Arn == arn ? found : null;
}
