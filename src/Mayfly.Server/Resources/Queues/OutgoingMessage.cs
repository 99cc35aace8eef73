namespace Mayfly.Server.Resources.Queues;

/// <summary>A message that is written next.</summary>
/// <param name="Id">The message's own id.</param>
/// <param name="Sent">When it is sent, in milliseconds since 1970.</param>
/// <param name="Visible">When it is visible.</param>
/// <param name="Body">The text.</param>
/// <param name="Document">What else it has.</param>
internal sealed record OutgoingMessage(Guid Id, long Sent, long Visible, byte[] Body, byte[]? Document);
