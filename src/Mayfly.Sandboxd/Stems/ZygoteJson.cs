using System.Text.Json.Serialization;

namespace Mayfly.Sandboxd.Stems;

/// <summary>What sandboxd and a zygote tell each other.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(ForkAnswer))]
internal sealed partial class ZygoteJson : JsonSerializerContext;
