namespace Mayfly.Server.Extensions;

/// <summary>Why a call of an extension is not taken.</summary>
/// <param name="Type">For example <c>Extension.RegistrationClosed</c>.</param>
/// <param name="Message">For a person.</param>
public sealed record ExtensionRefusal(string Type, string Message);
