using System.Net;

namespace Mayfly.Server.RuntimeApi;

/// <summary>Stands for "the Runtime API listeners of all instances" where the HTTP server wants an address to bind.</summary>
public sealed class InstanceEndPoint : EndPoint
{
    /// <inheritdoc />
    public override string ToString() => "instances";
}
