using System.Text.Json;
using Amazon.Lambda.Core;

namespace Mayfly.Shims.DotNet.Warm;

/// <summary>Does with streams what the package's serializer does.</summary>
public sealed class WarmSerializer : ILambdaSerializer
{
    /// <inheritdoc/>
    public T Deserialize<T>(Stream requestStream)
    {
        var copy = new MemoryStream();
        requestStream.CopyTo(copy);
        return JsonSerializer.Deserialize<T>(copy.ToArray(), JsonSerializerOptions.Web)!;
    }

    /// <inheritdoc/>
    public void Serialize<T>(T response, Stream responseStream)
    {
        using var writer = new Utf8JsonWriter(responseStream);
        JsonSerializer.Serialize(writer, response, JsonSerializerOptions.Web);
    }
}
