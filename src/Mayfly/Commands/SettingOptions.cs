using System.CommandLine;
using Mayfly.Settings;

namespace Mayfly.Commands;

/// <summary>The flags of settings on a command.</summary>
internal sealed class SettingOptions
{
    private readonly Dictionary<string, Option<string?>> _options = new(StringComparer.Ordinal);

    /// <summary>Adds a flag for each setting.</summary>
    public SettingOptions(Command command, params IReadOnlyList<SettingDefinition> settings)
    {
        foreach (var setting in settings)
        {
            var option = new Option<string?>(setting.Flag) { Description = $"{setting.Summary} [default: {setting.Default}]", HelpName = setting.Key };
            _options[setting.Flag] = option;
            command.Options.Add(option);
        }
    }

    /// <summary>Reads all settings with these flags as the strongest source.</summary>
    public MayflySettings Read(ParseResult parsed, string folder) => MayflySettings.Read(
        flag => _options.TryGetValue(flag, out var option) ? parsed.GetValue(option) : null,
        Environment.GetEnvironmentVariable,
        folder);
}
