using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>S3's XML: documents of callers, which are bounded and have no DTD, and those of answers.</summary>
internal static class S3Xml
{
    /// <summary>The namespace of every document but errors.</summary>
    public static readonly XNamespace Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    public static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema-instance";

    private const int MaxDepth = 16;

    /// <summary>Reads a document; names are compared without their namespace.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="root">The name of the root.</param>
    /// <exception cref="S3Exception">It is no such document.</exception>
    public static XElement Read(ReadOnlyMemory<byte> bytes, string root)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersFromEntities = 1,
            MaxCharactersInDocument = bytes.Length + 1,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            CheckDepth(bytes, settings);
            using var reader = XmlReader.Create(new MemoryStream(bytes.ToArray(), writable: false), settings);
            var element = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root!;
            return element.Name.LocalName == root ? element : throw S3Errors.MalformedXml();
        }
        catch (Exception e) when (e is XmlException or ArgumentException or DecoderFallbackException or InvalidOperationException)
        {
            throw S3Errors.MalformedXml();
        }
    }

    /// <summary>The elements below of a name.</summary>
    public static IEnumerable<XElement> All(this XElement element, string name) => element.Elements().Where(child => child.Name.LocalName == name);

    /// <summary>The one element below of a name; <see langword="null"/> when there is none.</summary>
    /// <exception cref="S3Exception">There are several.</exception>
    public static XElement? One(this XElement element, string name)
    {
        XElement? found = null;
        foreach (var child in element.All(name))
        {
            found = found is null ? child : throw S3Errors.MalformedXml();
        }

        return found;
    }

    /// <summary>The text of the one element below of a name.</summary>
    public static string? Text(this XElement element, string name) => element.One(name) is { } child ? child.HasElements ? throw S3Errors.MalformedXml() : child.Value : null;

    /// <summary>The text of an element that must be there.</summary>
    public static string Required(this XElement element, string name) => element.Text(name) ?? throw S3Errors.MalformedXml();

    /// <summary>The number in an element below; <see langword="null"/> when there is none.</summary>
    public static long? Number(this XElement element, string name) =>
        element.Text(name)?.Trim() is not { } text ? null : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw S3Errors.MalformedXml();

    /// <summary>An element, with text where there is any to say; nothing when there is none.</summary>
    public static XElement? Maybe(string name, string? text) => text is null ? null : new(name, text);

    /// <summary>A time as elements have it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes a document.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="plain">Whether it has no namespace, as errors have none.</param>
    public static byte[] Write(XElement root, bool plain = false)
    {
        if (!plain)
        {
            foreach (var element in root.DescendantsAndSelf())
            {
                element.Name = Namespace + element.Name.LocalName;
                element.Attributes().Where(static attribute => attribute.IsNamespaceDeclaration && attribute.Name.LocalName == "xmlns").Remove();
            }
        }

        using var bytes = new MemoryStream(1024);
        using (var writer = XmlWriter.Create(bytes, new() { Encoding = new UTF8Encoding(false), CheckCharacters = false, NewLineHandling = NewLineHandling.Entitize }))
        {
            root.Save(writer);
        }

        return bytes.ToArray();
    }

    private static void CheckDepth(ReadOnlyMemory<byte> bytes, XmlReaderSettings settings)
    {
        using var reader = XmlReader.Create(new MemoryStream(bytes.ToArray(), writable: false), settings);
        while (reader.Read())
        {
            if (reader.Depth > MaxDepth)
            {
                throw S3Errors.MalformedXml();
            }
        }
    }
}
