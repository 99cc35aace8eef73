using Mayfly.Server.Dialects.Aws.S3.Bodies;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>Who signed a request, and what the signature means for its body.</summary>
/// <param name="AccessKey">The key; <see langword="null"/> for a request that nobody signed.</param>
internal sealed record S3Signer(string? AccessKey)
{
    /// <summary>Whether the signature stands in the query.</summary>
    public bool IsPresigned { get; init; }

    /// <summary>The service that the signature is for: <c>s3</c>, <c>s3express</c>.</summary>
    public string Service { get; init; } = "s3";

    /// <summary>What checks the signatures of chunks; <see langword="null"/> where the secret is not known here.</summary>
    public ChunkSignatures? Chunks { get; init; }
}
