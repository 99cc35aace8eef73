using System.Text.Json.Serialization;

namespace Mayfly.Server.Runtimes;

/// <summary>How the platform talks to the program in a sandbox.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RuntimeContract>))]
public enum RuntimeContract
{
    /// <summary>Length-prefixed frames on descriptor 3, spoken by Mayfly's own shims. See docs/paths/frames.md.</summary>
    Frame,

    /// <summary>The AWS Lambda Runtime API over HTTP at <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    RuntimeApi,

    /// <summary>The program is an HTTP server on <c>$PORT</c>.</summary>
    Http,
}
