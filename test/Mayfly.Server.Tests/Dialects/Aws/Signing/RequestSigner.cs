using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Tests.Dialects.Aws.Signing;

/// <summary>Signs plain requests as a client does: written from the description of the format, apart from the server's own code.</summary>
internal static class RequestSigner
{
    public static IReadOnlyList<(string Name, string Value)> Sign((string Key, string Secret, string Token) who, string method, string host, string target, byte[] body, DateTimeOffset now, bool unsigned = false)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = string.Join('/', (question < 0 ? target : target[..question]).Split('/').Select(Uri.EscapeDataString));
        var query = question < 0 ? "" : string.Join('&', target[(question + 1)..].Split('&').Order(StringComparer.Ordinal));
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/us-east-1/lambda/aws4_request";
        var hash = unsigned ? "UNSIGNED-PAYLOAD" : Hex(SHA256.HashData(body));
        const string names = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
        var canonical = $"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{hash}\nx-amz-date:{time}\nx-amz-security-token:{who.Token}\n\n{names}\n{hash}";
        var key = new[] { time[..8], "us-east-1", "lambda", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + who.Secret), Mac);
        var signature = Hex(Mac(key, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}"));
        return
        [
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={who.Key}/{scope}, SignedHeaders={names}, Signature={signature}"),
            ("X-Amz-Date", time), ("X-Amz-Content-Sha256", hash), ("X-Amz-Security-Token", who.Token),
        ];
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
