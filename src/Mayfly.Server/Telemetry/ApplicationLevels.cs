using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>Reads levels.</summary>
public static class ApplicationLevels
{
    /// <summary>The level of a name as runtimes and settings write it.</summary>
    public static ApplicationLevel Parse(string? name) => name?.ToUpperInvariant() switch
    {
        "TRACE" => ApplicationLevel.Trace,
        "DEBUG" => ApplicationLevel.Debug,
        "WARN" or "WARNING" => ApplicationLevel.Warn,
        "ERROR" => ApplicationLevel.Error,
        "FATAL" or "CRITICAL" => ApplicationLevel.Fatal,
        _ => ApplicationLevel.Info,
    };

    /// <summary>The level that a line of a JSON log says it has.</summary>
    public static ApplicationLevel OfLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (!line.StartsWith('{') || !line.Contains("\"level\"", StringComparison.Ordinal))
        {
            return ApplicationLevel.Info;
        }

        try
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            while (json.Read())
            {
                if (json.CurrentDepth == 1 && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("level"))
                {
                    return json.Read() && json.TokenType == JsonTokenType.String ? Parse(json.GetString()) : ApplicationLevel.Info;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A line that only looks like an object.
        }

        return ApplicationLevel.Info;
    }
}
