using System.Security.Cryptography;

namespace Mayfly.Server.Functions;

/// <summary>A function's own HTTP address and how it answers there.</summary>
public sealed record FunctionUrl
{
    private const string IdCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>32 lower-case letters and digits, unique on this server.</summary>
    public required string Id { get; init; }

    /// <summary><c>NONE</c> or <c>AWS_IAM</c>.</summary>
    public string AuthType { get; init; } = "NONE";

    /// <summary><c>BUFFERED</c> or <c>RESPONSE_STREAM</c>.</summary>
    public string InvokeMode { get; init; } = "BUFFERED";

    /// <summary>Cross-origin rules; <see langword="null"/> means that the function answers for itself.</summary>
    public CorsRules? Cors { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreationTime { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset LastModifiedTime { get; init; }

    /// <summary>Makes an <see cref="Id"/>.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(IdCharacters, 32);
}
