namespace Mayfly.Server.Services;

/// <summary>Something in a manifest that the user must know of: an inactive part, a nearest runtime, a deprecated key.</summary>
/// <param name="File">The manifest file, relative to the service's folder.</param>
/// <param name="Line">One-based; 0 when no line applies.</param>
/// <param name="Message">For a person, one line.</param>
public sealed record ManifestNotice(string File, int Line, string Message);
