using System.Globalization;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What several answers say of an object.</summary>
internal static class ObjectAnswers
{
    /// <summary>An ETag with its quotes.</summary>
    public static string Quote(string tag) => $"\"{tag}\"";

    /// <summary>Which version was written; nothing in a bucket that keeps none.</summary>
    public static void TellVersion(S3Call call, ObjectVersion version)
    {
        if (version.VersionId != ObjectVersion.Null)
        {
            call.Answer["x-amz-version-id"] = version.VersionId;
        }
    }

    /// <summary>A checksum, in headers.</summary>
    public static void TellChecksum(S3Call call, Checksum? checksum, bool withType = true)
    {
        if (checksum is null)
        {
            return;
        }

        call.Answer[ClaimedChecksum.HeaderOf(checksum.Algorithm)] = checksum.Value;
        if (withType)
        {
            call.Answer["x-amz-checksum-type"] = ChecksumNames.NameOf(checksum.Type);
        }
    }

    /// <summary>A checksum, as elements.</summary>
    public static IEnumerable<XElement> Elements(Checksum? checksum, bool withType = true)
    {
        if (checksum is not null)
        {
            yield return new("Checksum" + ChecksumNames.NameOf(checksum.Algorithm), checksum.Value);
            if (withType)
            {
                yield return new("ChecksumType", ChecksumNames.NameOf(checksum.Type));
            }
        }
    }

    /// <summary>The owner of a bucket and of what is in it.</summary>
    public static XElement Owner(Bucket bucket, string name = "Owner") => new(name, new XElement("ID", S3Call.OwnerId(bucket.Account)));

    /// <summary>A time in a header.</summary>
    public static string HeaderTime(DateTimeOffset time) => time.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);
}
