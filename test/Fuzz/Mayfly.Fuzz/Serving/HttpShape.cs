using System.Globalization;
using System.Text;

namespace Mayfly.Fuzz.Serving;

/// <summary>Makes the length that a request names right, so that mutated bodies reach what is behind the HTTP parser.</summary>
internal static class HttpShape
{
    public static byte[] Repair(byte[] input)
    {
        var parts = Encoding.Latin1.GetString(input).Split("\n---\n");
        for (var i = 0; i < parts.Length; i++)
        {
            var end = parts[i].IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var lines = parts[i][..end].Split("\r\n").Where(static line => !line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).ToList();
            var body = parts[i][(end + 4)..];
            if (!lines.Exists(static line => line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)))
            {
                lines.Add("Content-Length: " + body.Replace("@ID@", new string('0', 36), StringComparison.Ordinal).Length.ToString(CultureInfo.InvariantCulture));
            }

            if (!lines.Exists(static line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)))
            {
                lines.Insert(1, "Host: localhost");
            }

            parts[i] = string.Join("\r\n", lines) + "\r\n\r\n" + body;
        }

        return Encoding.Latin1.GetBytes(string.Join("\n---\n", parts));
    }

    public static IReadOnlyList<byte[]> Tokens(params string[] more) =>
    [
        .. new[]
        {
            "GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: localhost\r\n", "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Connection: close\r\n", "\r\n\r\n", "0\r\n\r\n", "5\r\nhello\r\n", "\n---\n", "\n---\n!", "@ID@", "{}", "null", "[", "\"", "%00", "%2F", "%25", "..", "//", "?", "&", "\u00ff", "\0",
        }.Concat(more).Select(Encoding.Latin1.GetBytes),
    ];
}
