using System.Collections.Immutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Tags of buckets and objects, as documents and as a header.</summary>
internal static partial class Tagging
{
    private const int MaxKey = 128;
    private const int MaxValue = 256;
    private const int MostOfObject = 10;
    private const int MostOfBucket = 50;

    /// <summary>Reads a document.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="ofBucket">Whether they are a bucket's, which may have more.</param>
    /// <exception cref="S3Exception">They are none.</exception>
    public static ImmutableSortedDictionary<string, string> Read(XElement root, bool ofBucket)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var tag in (root.One("TagSet") ?? throw S3Errors.MalformedXml()).All("Tag"))
        {
            var (key, value) = (tag.Required("Key"), tag.Required("Value"));
            Check(key, value, ofBucket);
            if (!tags.TryAdd(key, value))
            {
                throw Invalid("Cannot provide multiple Tags with the same key", key, value);
            }
        }

        var most = ofBucket ? MostOfBucket : MostOfObject;
        return tags.Count > most ? throw new S3Exception(400, "BadRequest", $"{(ofBucket ? "Bucket tag count" : "Object tags")} cannot be greater than {most}") : tags.ToImmutable();
    }

    /// <summary>Reads the header of a write, a query.</summary>
    /// <exception cref="S3Exception">It is none.</exception>
    public static ImmutableSortedDictionary<string, string> Read(string header)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var member in header.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (member, "") : (member[..equals], member[(equals + 1)..]);
            (key, value) = (Decode(key), Decode(value));
            if (key.Length is 0 or > MaxKey || value.Length > MaxValue || !Allowed().IsMatch(key) || !Allowed().IsMatch(value) || !tags.TryAdd(key, value))
            {
                throw S3Errors.InvalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.", "x-amz-tagging", header);
            }
        }

        return tags.Count > MostOfObject ? throw new S3Exception(400, "BadRequest", $"Object tags cannot be greater than {MostOfObject}") : tags.ToImmutable();

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    /// <summary>Writes the document.</summary>
    public static XElement Write(ImmutableSortedDictionary<string, string> tags) =>
        new("Tagging", new XElement("TagSet", tags.Select(static tag => new XElement("Tag", new XElement("Key", tag.Key), new XElement("Value", tag.Value)))));

    private static void Check(string key, string value, bool ofBucket)
    {
        if (key.Length is 0 or > MaxKey || !Allowed().IsMatch(key))
        {
            throw Invalid("The TagKey you have provided is invalid", key, value);
        }

        if (value.Length > MaxValue || !Allowed().IsMatch(value))
        {
            throw Invalid("The TagValue you have provided is invalid", key, value);
        }

        if (key.StartsWith("aws:", StringComparison.Ordinal))
        {
            throw Invalid(ofBucket ? "System tags cannot be added/updated by requester" : "Your TagKey cannot be prefixed with aws:", key, value);
        }
    }

    private static S3Exception Invalid(string message, string key, string value) => new(400, "InvalidTag", message, ("TagKey", key), ("TagValue", value));

    [GeneratedRegex(@"^[\p{L}\p{N}\s_.:/=+\-@]*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Allowed();
}
