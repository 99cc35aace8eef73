namespace Mayfly.Server.Dialects.Native;

/// <summary>The body of every error of the admin API.</summary>
/// <param name="Error">The error.</param>
public sealed record NativeErrorReply(NativeError Error);
