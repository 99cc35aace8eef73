using System.Text.Json.Serialization;

namespace Mayfly.Server.Functions.Images;

/// <summary>An image as its row holds it. Only ever add members: older rows lack them, and newer programs must read those.</summary>
internal sealed record ImageDocument(string Sha256, long Size, ImageDefaults Defaults, DateTimeOffset Created);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImageDocument))]
internal sealed partial class ImagesJson : JsonSerializerContext;
