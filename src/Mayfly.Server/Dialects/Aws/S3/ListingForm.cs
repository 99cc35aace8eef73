using System.Text;
using System.Xml.Linq;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>How a listing writes keys: as they are, or percent-encoded, for those that XML cannot carry.</summary>
/// <param name="IsEncoded">Whether they are encoded.</param>
internal readonly record struct ListingForm(bool IsEncoded)
{
    /// <summary>Reads what the caller asks for.</summary>
    /// <exception cref="S3Exception">It is no such form.</exception>
    public static ListingForm Of(S3Call call) => call.Query("encoding-type") switch
    {
        null => default,
        "url" => new(true),
        var other => throw S3Errors.InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", other),
    };

    /// <summary>The element that says so.</summary>
    public XElement? Element => IsEncoded ? new("EncodingType", "url") : null;

    /// <summary>An element with a key or a part of one; nothing when there is none.</summary>
    public XElement? Maybe(string name, string? text) => text is null ? null : Write(name, text);

    /// <summary>An element with a key or a part of one.</summary>
    public XElement Write(string name, string text) => new(name, IsEncoded ? Encode(text) : text);

    /// <summary>The elements of common prefixes.</summary>
    public IEnumerable<XElement> Groups(IEnumerable<string> prefixes)
    {
        var form = this;
        return prefixes.Select(prefix => new XElement("CommonPrefixes", form.Write("Prefix", prefix)));
    }

    private static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'*' or (byte)'/')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
