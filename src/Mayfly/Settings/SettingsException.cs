namespace Mayfly.Settings;

/// <summary>A setting that cannot be used: the message names where it stands and what to write instead.</summary>
/// <param name="message">For a person.</param>
public sealed class SettingsException(string message) : Exception(message);
