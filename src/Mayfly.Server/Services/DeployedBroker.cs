namespace Mayfly.Server.Services;

/// <summary>A RabbitMQ broker that somebody runs, in a <see cref="ServiceDeployment"/>.</summary>
/// <param name="Name">The name by which ARNs of events mean it.</param>
/// <param name="Url">Where it is and as whom to call it: <c>amqp://user:password@host:port</c>.</param>
public sealed record DeployedBroker(string Name, string Url)
{
    /// <summary>The name alone: what has a password is never printed whole.</summary>
    public override string ToString() => Name;
}
