namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>How a request was signed.</summary>
public enum SigningAlgorithm
{
    /// <summary><c>AWS4-HMAC-SHA256</c>: with the secret itself, for one region.</summary>
    HmacSha256,

    /// <summary><c>AWS4-ECDSA-P256-SHA256</c>: with a key pair made from the secret, for several regions.</summary>
    EcdsaP256Sha256,
}
