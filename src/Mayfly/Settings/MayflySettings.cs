using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Services;
using System.Globalization;
using System.Text.Json;

namespace Mayfly.Settings;

/// <summary>All settings of one command: flags, then <c>MAYFLY_*</c> variables, then the folder's <c>mayfly.json</c>, then defaults.</summary>
/// <param name="Values">Every setting with its source.</param>
public sealed record MayflySettings(IReadOnlyList<SettingValue> Values)
{
    /// <summary>The file in a folder.</summary>
    public const string FileName = "mayfly.json";

    /// <summary>The port.</summary>
    public int Port => int.Parse(Of(SettingDefinition.Port).Value, CultureInfo.InvariantCulture);

    /// <summary>The account.</summary>
    public string Account => Of(SettingDefinition.Account).Value;

    /// <summary>The region.</summary>
    public string Region => Of(SettingDefinition.Region).Value;

    /// <summary>The stage, when somebody chose one; a manifest's own is used otherwise.</summary>
    public string? ChosenStage => Of(SettingDefinition.Stage) is { Source: not SettingSource.Default } chosen ? chosen.Value : null;

    /// <summary>The region, when somebody chose one.</summary>
    public string? ChosenRegion => Of(SettingDefinition.Region) is { Source: not SettingSource.Default } chosen ? chosen.Value : null;

    /// <summary>Most instances at once.</summary>
    public int MaxInstances => int.Parse(Of(SettingDefinition.MaxInstances).Value, CultureInfo.InvariantCulture);

    /// <summary>Memory for sandboxes made ahead of calls, in MiB.</summary>
    public int StemMemory => int.Parse(Of(SettingDefinition.StemMemory).Value, CultureInfo.InvariantCulture);

    /// <summary>Where large contents of objects go; <see langword="null"/> for the state folder.</summary>
    public RemotePlace? Objects => RemotePlace.TryParse(Of(SettingDefinition.Objects).Value, out var place, out _) ? place : null;

    /// <summary>Reads all sources.</summary>
    /// <param name="flag">The text of a flag, when it was given.</param>
    /// <param name="variable">The text of a variable, when it is set.</param>
    /// <param name="folder">The folder with <c>mayfly.json</c>.</param>
    /// <exception cref="SettingsException">A value or a key is wrong.</exception>
    public static MayflySettings Read(Func<string, string?> flag, Func<string, string?> variable, string folder)
    {
        var file = ReadFile(Path.Combine(folder, FileName));
        return new([.. SettingDefinition.All.Select(definition => Choose(definition, flag, variable, file))]);
    }

    private SettingValue Of(SettingDefinition definition) => Values.First(value => value.Definition == definition);

    private static SettingValue Choose(SettingDefinition definition, Func<string, string?> flag, Func<string, string?> variable, IReadOnlyDictionary<string, SettingValue> file)
    {
        var chosen =
            flag(definition.Flag) is { } byFlag ? new SettingValue(definition, byFlag, SettingSource.Flag, definition.Flag)
            : variable(definition.Variable) is { Length: > 0 } byVariable ? new SettingValue(definition, byVariable, SettingSource.Variable, definition.Variable)
            : file.TryGetValue(definition.Key, out var byFile) ? byFile
            : new SettingValue(definition, definition.Default, SettingSource.Default, "default");
        return definition.Problem(chosen.Value) is { } problem
            ? throw new SettingsException($"{chosen.Origin}: {definition.Key} {problem}, not '{chosen.Value}'")
            : chosen;
    }

    private static Dictionary<string, SettingValue> ReadFile(string path)
    {
        var values = new Dictionary<string, SettingValue>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return values;
        }

        var bytes = File.ReadAllBytes(path);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new SettingsException($"{FileName}:1: must be an object, for example {{ \"port\": 4566 }}");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                var origin = string.Create(CultureInfo.InvariantCulture, $"{FileName}:{LineOf(bytes, reader.TokenStartIndex)}");
                var definition = SettingDefinition.All.FirstOrDefault(known => known.Key == key) ?? throw new SettingsException(Unknown(origin, key));
                reader.Read();
                values[key] = reader.TokenType is JsonTokenType.String or JsonTokenType.Number
                    ? new(definition, System.Text.Encoding.UTF8.GetString(reader.ValueSpan), SettingSource.File, origin)
                    : throw new SettingsException($"{origin}: {key} must be a text or a number");
            }
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{FileName}:{(e.LineNumber ?? 0) + 1}: not valid JSON: {e.Message}");
        }

        return values;
    }

    private static string Unknown(string origin, string key)
    {
        var known = SettingDefinition.All.Select(static definition => definition.Key).ToList();
        return NearestName.Of(key, known) is { } nearest
            ? $"{origin}: unknown key '{key}'; did you mean '{nearest}'?"
            : $"{origin}: unknown key '{key}'; known are {string.Join(", ", known)}";
    }

    private static int LineOf(byte[] bytes, long offset) => bytes.AsSpan(0, (int)offset).Count((byte)'\n') + 1;
}
