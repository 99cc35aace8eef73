namespace Mayfly.Server.Resources.EventSources;

/// <summary>What a broker delivered, copied.</summary>
/// <param name="Tag">The delivery tag, of the channel that it came on.</param>
/// <param name="Body">What the sender wrote.</param>
/// <param name="Record">As the function gets it: JSON.</param>
internal sealed record RabbitMessage(ulong Tag, byte[] Body, byte[] Record);
