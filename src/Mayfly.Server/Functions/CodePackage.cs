namespace Mayfly.Server.Functions;

/// <summary>A code bundle, named by the SHA-256 of its zip file: equal bytes are stored once.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Size of the zip file in bytes.</param>
public sealed record CodePackage(string Sha256, long Size)
{
    /// <summary>The hash as the Lambda API prints it: base64.</summary>
    public string Sha256Base64 => Convert.ToBase64String(Convert.FromHexString(Sha256));
}
