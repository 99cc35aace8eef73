using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Dialects.Aws.S3.Bodies;

/// <summary>The signatures of a body's chunks: each signs its own bytes and the signature before it, beginning with the request's.</summary>
/// <param name="key">The signing key of the request.</param>
/// <param name="time">When it was signed, as <c>x-amz-date</c> has it.</param>
/// <param name="scope">What the key counts for: day, region, service.</param>
/// <param name="seed">The request's signature.</param>
internal sealed class ChunkSignatures(byte[] key, string time, string scope, string seed) : IDisposable
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly IncrementalHash _chunk = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _last = seed;

    /// <summary>Takes bytes of the chunk.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _chunk.AppendData(bytes);

    /// <summary>Whether the chunk that ends here was signed so. The next one builds on it.</summary>
    public bool EndChunk(string claimed) =>
        Check("AWS4-HMAC-SHA256-PAYLOAD", $"{Empty}\n{Convert.ToHexStringLower(_chunk.GetHashAndReset())}", claimed);

    /// <summary>Whether the trailers were signed so.</summary>
    public bool EndTrailers(IEnumerable<KeyValuePair<string, string>> trailers, string claimed)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in trailers.OrderBy(static trailer => trailer.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }

        return Check("AWS4-HMAC-SHA256-TRAILER", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))), claimed);
    }

    /// <inheritdoc/>
    public void Dispose() => _chunk.Dispose();

    private bool Check(string algorithm, string hashes, string claimed)
    {
        var text = $"{algorithm}\n{time}\n{scope}\n{_last}\n{hashes}";
        _last = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(_last), Encoding.ASCII.GetBytes(claimed));
    }
}
