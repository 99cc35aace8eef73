using System.Text.Json.Serialization;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Services;

/// <summary>The JSON of what is kept and sent about services.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceRecord))]
[JsonSerializable(typeof(ServiceDeployment))]
[JsonSerializable(typeof(FunctionConfig))]
[JsonSerializable(typeof(FunctionUrl))]
public sealed partial class ServicesJson : JsonSerializerContext;
