using System.Collections.Immutable;
using System.Text;
using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>The headers that are kept with an object and given back with it.</summary>
internal static class ObjectHeaders
{
    /// <summary>What user's own begin with.</summary>
    public const string Meta = "x-amz-meta-";

    private const int MaxMeta = 2048;

    private static readonly string[] Kept =
    [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires", "x-amz-storage-class", "x-amz-website-redirect-location",
    ];

    private static readonly string[] StorageClasses = ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"];

    // They ask for something that would have to be done.
    private static readonly string[] Refused =
    [
        "x-amz-server-side-encryption-customer-algorithm", "x-amz-copy-source-server-side-encryption-customer-algorithm", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
        "x-amz-object-lock-legal-hold", "x-amz-write-offset-bytes",
    ];

    private static readonly (string Member, string Header)[] Overrides =
    [
        ("response-cache-control", "Cache-Control"), ("response-content-disposition", "Content-Disposition"), ("response-content-encoding", "Content-Encoding"),
        ("response-content-language", "Content-Language"), ("response-content-type", "Content-Type"), ("response-expires", "Expires"),
    ];

    /// <summary>Reads those of a write.</summary>
    /// <exception cref="S3Exception">They are too large, or ask for what is not done here.</exception>
    public static ImmutableSortedDictionary<string, string> Read(S3Call call)
    {
        foreach (var name in Refused)
        {
            if (call.Header(name) is not null)
            {
                throw S3Errors.NotImplementedHeader(name, "This server neither encrypts nor locks objects, nor appends to them.");
            }
        }

        var pairs = Kept.Select(name => KeyValuePair.Create(name, call.Header(name)))
            .Concat(call.Request.Headers.Where(static header => IsMeta(header.Key)).Select(static header => KeyValuePair.Create(header.Key, (string?)header.Value.ToString())));
        return Collect(call.Signer.IsPresigned ? pairs.Concat(call.Request.Query.Where(static member => IsMeta(member.Key)).Select(static member => KeyValuePair.Create(member.Key, (string?)member.Value.ToString()))) : pairs);
    }

    /// <summary>Reads those of a form, whose fields are named so.</summary>
    public static ImmutableSortedDictionary<string, string> Read(IEnumerable<KeyValuePair<string, string>> fields) =>
        Collect(fields.Where(static field => IsMeta(field.Key) || Kept.Contains(field.Key.ToLowerInvariant())).Select(static field => KeyValuePair.Create(field.Key, (string?)field.Value)));

    /// <summary>Writes them.</summary>
    public static void Write(S3Call call, ObjectVersion version)
    {
        var missing = 0;
        foreach (var (name, value) in version.Headers)
        {
            // What cannot be a header's name or value is counted in its place.
            if (IsMeta(name) && name.AsSpan(Meta.Length).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"))
            {
                missing++;
            }
            else if (name != "x-amz-storage-class" || value != "STANDARD")
            {
                call.Answer[name] = Encode(value);
            }
        }

        if (missing > 0)
        {
            call.Answer["x-amz-missing-meta"] = $"{missing}";
        }

        if (!version.Headers.ContainsKey("content-type"))
        {
            call.Answer.ContentType = "binary/octet-stream";
        }

        foreach (var (member, header) in Overrides)
        {
            if (call.Query(member) is { } value)
            {
                if (call.Signer.AccessKey is null)
                {
                    throw S3Errors.InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.");
                }

                call.Answer[header] = Encode(value);
            }
        }
    }

    /// <summary>The storage class, as lists show it.</summary>
    public static string StorageClass(ImmutableSortedDictionary<string, string> headers) => headers.GetValueOrDefault("x-amz-storage-class", "STANDARD");

    private static bool IsMeta(string name) => name.StartsWith(Meta, StringComparison.OrdinalIgnoreCase);

    private static ImmutableSortedDictionary<string, string> Collect(IEnumerable<KeyValuePair<string, string?>> pairs)
    {
        var headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var size = 0;
        foreach (var (given, value) in pairs)
        {
            var name = given.ToLowerInvariant();
            if (value is null)
            {
                continue;
            }

            if (IsMeta(name))
            {
                size += name.Length - Meta.Length + Encoding.UTF8.GetByteCount(value);
                headers[name] = value;
            }
            else if (Clean(name, value) is { Length: > 0 } kept)
            {
                headers[name] = kept;
            }
        }

        return size <= MaxMeta ? headers.ToImmutable() : throw new S3Exception(
            400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", ("Size", $"{size}"), ("MaxSizeAllowed", $"{MaxMeta}"));
    }

    private static string Clean(string name, string value) => name switch
    {
        // How the body came is not how it is.
        "content-encoding" => string.Join(',', value.Split(',', StringSplitOptions.TrimEntries).Where(static coding => !coding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase))),
        "x-amz-storage-class" when !StorageClasses.Contains(value) => throw new S3Exception(400, "InvalidStorageClass", "The storage class you specified is not valid", ("StorageClassRequested", value)),
        "x-amz-website-redirect-location" when !value.StartsWith('/') && !value.StartsWith("http://", StringComparison.Ordinal) && !value.StartsWith("https://", StringComparison.Ordinal) =>
            throw new S3Exception(400, "InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."),
        _ => value,
    };

    // RFC 2047 for what headers cannot carry.
    private static string Encode(string value) => value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=" : value;
}
