using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects;

/// <summary>What a row says of a version besides what has a column.</summary>
internal sealed record VersionDocument
{
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    [JsonPropertyName("c")]
    public Checksum? Checksum { get; init; }

    [JsonPropertyName("h")]
    public Dictionary<string, string>? StoredHeaders { get; init; }

    [JsonPropertyName("t")]
    public Dictionary<string, string>? StoredTags { get; init; }

    [JsonPropertyName("d")]
    public Dictionary<string, string>? StoredDocuments { get; init; }

    [JsonIgnore]
    public ImmutableSortedDictionary<string, string> Headers => Sorted(StoredHeaders);

    [JsonIgnore]
    public ImmutableSortedDictionary<string, string> Tags => Sorted(StoredTags);

    [JsonIgnore]
    public ImmutableSortedDictionary<string, string> Documents => Sorted(StoredDocuments);

    public static VersionDocument Of(ObjectVersion version) => new()
    {
        Checksum = version.Checksum,
        StoredHeaders = Plain(version.Headers),
        StoredTags = Plain(version.Tags),
        StoredDocuments = Plain(version.Documents),
    };

    private static Dictionary<string, string>? Plain(ImmutableSortedDictionary<string, string> values) => values.IsEmpty ? null : values.ToDictionary(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, string> Sorted(Dictionary<string, string>? values) => values is null ? Nothing : values.ToImmutableSortedDictionary(StringComparer.Ordinal);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(ObjectVersion))]
internal sealed partial class VersionJson : JsonSerializerContext;
