using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Services;

/// <summary>A service as it serves: its record, and its routes made ready for matching.</summary>
/// <param name="record">What is kept.</param>
public sealed class DeployedService(ServiceRecord record)
{
    /// <summary>What is kept.</summary>
    public ServiceRecord Record { get; } = record;

    /// <summary>The routes.</summary>
    public RouteTable Routes { get; } = new(record.Routes);

    /// <summary>The id of its API, as events show it: ten characters made from the name, the same after every deployment.</summary>
    public string ApiId { get; } = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(record.Name)))[..10];
}
