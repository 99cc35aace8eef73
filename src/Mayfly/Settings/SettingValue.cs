namespace Mayfly.Settings;

/// <summary>A setting with its value and where that came from.</summary>
/// <param name="Definition">Which setting.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Source">The kind of source.</param>
/// <param name="Origin">The source by name, for example <c>--port</c> or <c>mayfly.json:3</c>.</param>
public sealed record SettingValue(SettingDefinition Definition, string Value, SettingSource Source, string Origin);
