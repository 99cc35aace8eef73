namespace Mayfly.Server.Dialects.Native;

/// <summary>A message broker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arn">The ARN that event source mappings name.</param>
/// <param name="Url">Where it is, without the password.</param>
/// <param name="Service">The service whose manifest declares it.</param>
public sealed record BrokerReply(string Name, string Arn, string Url, string? Service);
