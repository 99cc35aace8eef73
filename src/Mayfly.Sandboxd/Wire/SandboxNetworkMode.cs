using System.Text.Json.Serialization;

namespace Mayfly.Sandboxd.Wire;

/// <summary>What a sandbox reaches over the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxNetworkMode>))]
public enum SandboxNetworkMode
{
    /// <summary>What the machine reaches, and the machine itself.</summary>
    Host,

    /// <summary>A network of its own with a way out, but none to the machine, to other sandboxes or to link-local addresses.</summary>
    Egress,

    /// <summary>A network of its own with nothing but a loopback.</summary>
    None,
}
