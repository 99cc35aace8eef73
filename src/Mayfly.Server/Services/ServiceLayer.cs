namespace Mayfly.Server.Services;

/// <summary>A layer version that a service published.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Arn">The version's ARN.</param>
/// <param name="Retain">Whether it stays when the service has no use for it any more.</param>
public sealed record ServiceLayer(string Name, string Arn, bool Retain);
