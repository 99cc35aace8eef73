namespace Mayfly.Server.Dialects.Native;

/// <summary>An error of the admin API.</summary>
/// <param name="Code">For programs, stable.</param>
/// <param name="Message">For a person: what is wrong, where, and what to do.</param>
public sealed record NativeError(string Code, string Message);
