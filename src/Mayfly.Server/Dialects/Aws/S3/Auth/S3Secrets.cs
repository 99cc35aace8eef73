using Mayfly.Server.Identity;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>
/// Whose secrets the server knows, so that a tampered request is told: those of functions, and that of the key pair
/// <c>test</c>, <c>test</c>, which people put where an SDK asks for one.
/// </summary>
/// <param name="credentials">Those of functions.</param>
internal sealed class S3Secrets(FunctionCredentials? credentials)
{
    private const string Developer = "test";

    /// <summary>The secret of a key; <see langword="null"/> when it is not known.</summary>
    public string? Of(string accessKey, string? token) =>
        accessKey == Developer ? Developer : credentials?.TryRecognise(accessKey, token, out _, out var secret) == true ? secret : null;
}
