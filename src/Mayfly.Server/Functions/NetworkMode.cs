using System.Text.Json.Serialization;

namespace Mayfly.Server.Functions;

/// <summary>What a function can reach over the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkMode>))]
public enum NetworkMode
{
    /// <summary>The host's own network: a developer's local database is reachable.</summary>
    Host,

    /// <summary>
    /// A network of its own: the way out is open, but not to the machine, to other functions or to link-local addresses.
    /// The platform's own doors are on its loopback.
    /// </summary>
    Egress,

    /// <summary>Nothing but the platform's own doors on the loopback of a network namespace of its own.</summary>
    None,
}
