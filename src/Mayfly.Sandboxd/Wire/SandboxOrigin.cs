using System.Text.Json.Serialization;

namespace Mayfly.Sandboxd.Wire;

/// <summary>What a sandbox was made of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxOrigin>))]
public enum SandboxOrigin
{
    /// <summary>A program that was started for its function.</summary>
    Exec,

    /// <summary>A stem that was parked.</summary>
    Stem,

    /// <summary>A stem that was made while the caller waited.</summary>
    Fork,

    /// <summary>The initialised program of another instance of the same function.</summary>
    Template,
}
