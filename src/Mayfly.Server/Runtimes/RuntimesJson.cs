using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Runtimes;

/// <summary>Source-generated JSON of runtime definitions and interpreter lists.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(RuntimeDefinition))]
[JsonSerializable(typeof(List<Interpreter>))]
[JsonSerializable(typeof(List<ProbeResult>))]
internal sealed partial class RuntimesJson : JsonSerializerContext;
