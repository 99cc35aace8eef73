using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Telemetry;

/// <summary>How log lines are written, one JSON object a line, in files and on the wire.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LogLine))]
public sealed partial class FunctionLogsJson : JsonSerializerContext
{
    /// <summary>The context to use: it leaves letters of all scripts as they are.</summary>
    public static FunctionLogsJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
