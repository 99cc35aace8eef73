namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>GET health</c>.</summary>
/// <param name="Status"><c>ok</c>.</param>
/// <param name="Version">The server's version.</param>
/// <param name="Functions">How many functions are deployed.</param>
public sealed record HealthReply(string Status, string Version, int Functions);
