namespace Mayfly.Server.Extensions;

/// <summary>An extension that failed, and with it the instance.</summary>
/// <param name="Extension">Which one.</param>
/// <param name="Type">The error type that the caller of the function sees, for example <c>Extension.Crash</c>.</param>
/// <param name="Message">For a person.</param>
public sealed record ExtensionFailure(Extension Extension, string Type, string Message);
