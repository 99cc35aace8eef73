using System.Text.Json.Serialization;

namespace Mayfly.Server.Dialects.Native;

/// <summary>Whether a function can run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FunctionState>))]
public enum FunctionState
{
    /// <summary>It can.</summary>
    Active,

    /// <summary>Its runtime is not installed on this machine.</summary>
    RuntimeMissing,
}
