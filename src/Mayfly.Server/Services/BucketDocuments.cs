using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mayfly.Server.Resources.Objects.Lifecycle;

namespace Mayfly.Server.Services;

/// <summary>What CloudFormation says of a bucket, as S3 says it: the same members under other names.</summary>
internal static class BucketDocuments
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static readonly (string Theirs, string Ours)[] CorsNames =
        [("Id", "ID"), ("AllowedHeaders", "AllowedHeader"), ("AllowedMethods", "AllowedMethod"), ("AllowedOrigins", "AllowedOrigin"), ("ExposedHeaders", "ExposeHeader"), ("MaxAge", "MaxAgeSeconds")];

    /// <summary>The document of what pages of other origins may do.</summary>
    /// <param name="rules">The <c>CorsRules</c>, in JSON.</param>
    /// <exception cref="FormatException">They cannot be.</exception>
    public static string Cors(string rules) => Document("CORSConfiguration", Rules(rules).Select(static rule =>
    {
        if (rule["AllowedOrigins"] is null || rule["AllowedMethods"] is null)
        {
            throw new FormatException("a rule of CorsConfiguration needs AllowedOrigins and AllowedMethods");
        }

        return new XElement(S3 + "CORSRule", CorsNames.SelectMany(name => Texts(rule, name.Theirs).Select(text => new XElement(S3 + name.Ours, text))));
    }));

    /// <summary>The document of what goes by age, and its rules.</summary>
    /// <param name="rules">The <c>Rules</c> of the lifecycle configuration, in JSON.</param>
    /// <exception cref="FormatException">They cannot be.</exception>
    public static (string Document, ImmutableArray<LifecycleRule> Rules) Lifecycle(string rules)
    {
        var read = Rules(rules).Select(static (rule, index) => Read(rule, index)).ToImmutableArray();
        return (Document("LifecycleConfiguration", read.Select(Write)), read);
    }

    private static LifecycleRule Read(JsonObject rule, int index) => new()
    {
        Id = Text(rule, "Id") ?? string.Create(CultureInfo.InvariantCulture, $"rule-{index + 1}"),
        IsEnabled = Text(rule, "Status") switch
        {
            "Enabled" => true,
            "Disabled" => false,
            _ => throw new FormatException("the Status of a rule of LifecycleConfiguration is Enabled or Disabled"),
        },
        Prefix = Text(rule, "Prefix") ?? "",
        Tags = (rule["TagFilters"] as JsonArray ?? []).OfType<JsonObject>().ToImmutableSortedDictionary(static tag => Text(tag, "Key") ?? "", static tag => Text(tag, "Value") ?? "", StringComparer.Ordinal),
        SizeGreaterThan = Number(rule, "ObjectSizeGreaterThan"),
        SizeLessThan = Number(rule, "ObjectSizeLessThan"),
        ExpirationDays = (int?)Number(rule, "ExpirationInDays"),
        ExpirationDate = Text(rule, "ExpirationDate") is not { } date ? null
            : DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day) ? day
            : throw new FormatException($"'{date}' is no date"),
        ExpiredObjectDeleteMarker = Text(rule, "ExpiredObjectDeleteMarker") == "true",
        NoncurrentDays = (int?)(Number(rule, "NoncurrentVersionExpirationInDays") ?? Number(rule["NoncurrentVersionExpiration"] as JsonObject, "NoncurrentDays")),
        NewerNoncurrentVersions = (int?)Number(rule["NoncurrentVersionExpiration"] as JsonObject, "NewerNoncurrentVersions"),
        AbortUploadDays = (int?)Number(rule["AbortIncompleteMultipartUpload"] as JsonObject, "DaysAfterInitiation"),
    };

    private static XElement Write(LifecycleRule rule)
    {
        XElement[] wanted =
        [
            new(S3 + "Prefix", rule.Prefix),
            .. rule.Tags.Select(static tag => new XElement(S3 + "Tag", new XElement(S3 + "Key", tag.Key), new XElement(S3 + "Value", tag.Value))),
            .. Some("ObjectSizeGreaterThan", rule.SizeGreaterThan),
            .. Some("ObjectSizeLessThan", rule.SizeLessThan),
        ];
        XElement[] expiration =
        [
            .. Some("Days", rule.ExpirationDays),
            .. Some("Date", rule.ExpirationDate?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
            .. Some("ExpiredObjectDeleteMarker", rule.ExpiredObjectDeleteMarker ? "true" : null),
        ];
        return new(
            S3 + "Rule",
            new XElement(S3 + "ID", rule.Id),
            new XElement(S3 + "Filter", wanted.Length == 1 ? wanted : [new XElement(S3 + "And", wanted.Cast<object>().ToArray())]),
            new XElement(S3 + "Status", rule.IsEnabled ? "Enabled" : "Disabled"),
            Group("Expiration", expiration),
            Group("NoncurrentVersionExpiration", [.. Some("NoncurrentDays", rule.NoncurrentDays), .. Some("NewerNoncurrentVersions", rule.NewerNoncurrentVersions)]),
            Group("AbortIncompleteMultipartUpload", [.. Some("DaysAfterInitiation", rule.AbortUploadDays)]));
    }

    private static XElement? Group(string name, XElement[] members) => members.Length == 0 ? null : new(S3 + name, members.Cast<object>().ToArray());

    private static IEnumerable<XElement> Some(string name, object? value) => value is null ? [] : [new XElement(S3 + name, value)];

    private static string Document(string name, IEnumerable<XElement> rules) => new XElement(S3 + name, rules).ToString(SaveOptions.DisableFormatting);

    private static IEnumerable<JsonObject> Rules(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonArray { Count: > 0 and <= 1000 } list && list.All(static rule => rule is JsonObject) ? list.Cast<JsonObject>() : throw new FormatException("the rules of a bucket are a list of maps");
        }
        catch (JsonException e)
        {
            throw new FormatException($"the rules of a bucket are no JSON: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Texts(JsonObject rule, string name) => rule[name] switch
    {
        null => [],
        JsonArray list => list.Select(static item => item?.ToString() ?? ""),
        var one => [one.ToString()],
    };

    private static string? Text(JsonObject rule, string name) => rule[name]?.ToString();

    private static long? Number(JsonObject? rule, string name) => rule?[name] switch
    {
        null => null,
        var value when long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= int.MaxValue => number,
        var value => throw new FormatException($"{name} must be a positive whole number, not {value}"),
    };
}
