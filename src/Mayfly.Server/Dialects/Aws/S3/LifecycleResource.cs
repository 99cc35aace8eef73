using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using Mayfly.Server.Resources.Objects.Lifecycle;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>The document that says what goes from a bucket by age. It is kept as it was written, and as rules.</summary>
internal static class LifecycleResource
{
    private const int MostRules = 1000;
    private const int MaxId = 255;

    /// <summary>Reads and checks the rules of a document; those without an id get one in it.</summary>
    /// <exception cref="S3Exception">They are refused.</exception>
    public static ImmutableArray<LifecycleRule> Read(XElement root)
    {
        var rules = root.All("Rule").Select(ReadRule).ToImmutableArray();
        if (rules.Length is 0 or > MostRules)
        {
            throw S3Errors.MalformedXml();
        }

        return rules.Select(static rule => rule.Id).Distinct(StringComparer.Ordinal).Count() == rules.Length
            ? rules
            : throw S3Errors.InvalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", "");
    }

    private static LifecycleRule ReadRule(XElement element)
    {
        var id = element.Text("ID");
        if (string.IsNullOrEmpty(id))
        {
            element.One("ID")?.Remove();
            element.AddFirst(new XElement(element.Name.Namespace + "ID", id = Guid.NewGuid().ToString()));
        }

        if (id.Length > MaxId)
        {
            throw S3Errors.InvalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
        }

        var status = element.Required("Status");
        if (status is not ("Enabled" or "Disabled"))
        {
            throw S3Errors.MalformedXml();
        }

        var (filter, old) = (element.One("Filter"), element.Text("Prefix"));
        if ((filter is null) == (old is null))
        {
            throw S3Errors.MalformedXml();
        }

        var members = filter?.Elements().Where(static member => member.Name.LocalName != "And").ToList() ?? [];
        var and = filter?.One("And");
        if (members.Count + (and is null ? 0 : 1) > 1)
        {
            throw S3Errors.MalformedXml();
        }

        var rule = ReadExpiry(element, new() { Id = id, IsEnabled = status == "Enabled", Prefix = old ?? "" });
        if (rule is { ExpirationDays: null, ExpirationDate: null, ExpiredObjectDeleteMarker: false, NoncurrentDays: null, AbortUploadDays: null }
            && element.One("Transition") is null && !element.All("NoncurrentVersionTransition").Any())
        {
            throw S3Errors.InvalidRequest("At least one action needs to be specified in a rule.");
        }

        return (and ?? filter) is { } wanted ? ReadFilter(wanted, rule) : rule;
    }

    private static LifecycleRule ReadFilter(XElement filter, LifecycleRule rule)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var tag in filter.All("Tag"))
        {
            if (!tags.TryAdd(tag.Required("Key"), tag.Required("Value")))
            {
                throw S3Errors.InvalidRequest("Duplicate Tag Keys are not allowed.");
            }
        }

        return rule with
        {
            Prefix = filter.Text("Prefix") ?? "",
            Tags = tags.ToImmutable(),
            SizeGreaterThan = filter.Number("ObjectSizeGreaterThan"),
            SizeLessThan = filter.Number("ObjectSizeLessThan"),
        };
    }

    private static LifecycleRule ReadExpiry(XElement element, LifecycleRule rule)
    {
        var (expiration, noncurrent, abort) = (element.One("Expiration"), element.One("NoncurrentVersionExpiration"), element.One("AbortIncompleteMultipartUpload"));
        if (expiration?.Elements().Count() is 0 or > 1)
        {
            throw S3Errors.MalformedXml();
        }

        return rule with
        {
            ExpirationDays = Days(expiration, "Days"),
            ExpirationDate = expiration?.Text("Date") is { } date ? Midnight(date) : null,
            ExpiredObjectDeleteMarker = expiration?.Text("ExpiredObjectDeleteMarker") == "true",
            NoncurrentDays = Days(noncurrent, "NoncurrentDays"),
            NewerNoncurrentVersions = Days(noncurrent, "NewerNoncurrentVersions"),
            AbortUploadDays = Days(abort, "DaysAfterInitiation"),
        };
    }

    private static int? Days(XElement? element, string name) => element?.Number(name) switch
    {
        null => null,
        > 0 and <= int.MaxValue and var days => (int)days,
        var days => throw S3Errors.InvalidArgument($"'{name}' for lifecycle actions must be a positive integer", name, days.Value.ToString(CultureInfo.InvariantCulture)),
    };

    private static DateTimeOffset Midnight(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
            ? date.TimeOfDay == TimeSpan.Zero ? date : throw S3Errors.InvalidArgument("'Date' must be at midnight GMT", "Date", text)
            : throw S3Errors.MalformedXml();
}
