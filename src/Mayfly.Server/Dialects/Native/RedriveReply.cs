namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>POST events/redrive</c>.</summary>
/// <param name="Redriven">How many events began anew.</param>
public sealed record RedriveReply(int Redriven);
