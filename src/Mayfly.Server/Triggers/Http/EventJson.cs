using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Triggers.Http;

/// <summary>How events are written: without escapes that only matter inside HTML, which keeps them small.</summary>
internal static class EventJson
{
    /// <summary>The options of every event's writer.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
