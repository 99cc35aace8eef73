using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The key that notifications are signed with, and the certificate that shows whose they are.</summary>
public sealed class SigningKey : IDisposable
{
    private const int Bits = 2048;
    private const int Years = 50;

    private readonly byte[] _key;

    // One that signs is used by one caller at a time.
    private readonly ConcurrentBag<RSA> _free = [];

    /// <summary>Takes what was kept.</summary>
    /// <param name="key">The key as PKCS #8.</param>
    /// <param name="certificate">The certificate as DER.</param>
    public SigningKey(byte[] key, byte[] certificate)
    {
        _key = key;
        CertificatePem = PemEncoding.WriteString("CERTIFICATE", certificate);
        Id = Convert.ToHexStringLower(SHA256.HashData(certificate).AsSpan(0, 16));
    }

    /// <summary>The certificate.</summary>
    public string CertificatePem { get; }

    /// <summary>What tells it from others: 32 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Makes a new one.</summary>
    /// <returns>The key as PKCS #8, and the certificate as DER.</returns>
    public static (byte[] Key, byte[] Certificate) Make(DateTimeOffset now)
    {
        using var rsa = RSA.Create(Bits);
        var request = new CertificateRequest("CN=sns.amazonaws.com, O=Mayfly", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        return (rsa.ExportPkcs8PrivateKey(), certificate.RawData);
    }

    /// <summary>Signs a text. Any thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="version">2 with SHA-256, else with SHA-1.</param>
    /// <returns>The signature in base64.</returns>
    public string Sign(string text, string version)
    {
        if (!_free.TryTake(out var rsa))
        {
            rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(_key, out _);
        }

        try
        {
            return Convert.ToBase64String(rsa.SignData(Encoding.UTF8.GetBytes(text), version == "2" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1));
        }
        finally
        {
            _free.Add(rsa);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_free.TryTake(out var rsa))
        {
            rsa.Dispose();
        }
    }
}
