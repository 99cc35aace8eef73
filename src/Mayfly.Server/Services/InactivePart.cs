namespace Mayfly.Server.Services;

/// <summary>A part of a manifest that is kept although nothing acts on it yet.</summary>
/// <param name="Path">Where it stands, for example <c>functions.order.events.0.schedule</c> or <c>resources</c>.</param>
/// <param name="Json">Its content with variables resolved where that is possible; CloudFormation's tags in their long form.</param>
public sealed record InactivePart(string Path, string Json);
