using System.Globalization;
using Mayfly.Server.Resources.Objects;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What must hold for a request to be served.</summary>
internal static class Conditions
{
    private const string Copy = "x-amz-copy-source-";

    /// <summary>Decides on a read. A condition that does not hold ends it.</summary>
    /// <returns>Whether the client has what it asks for already: 304.</returns>
    public static bool IsUnchanged(S3Call call, ObjectVersion version)
    {
        var headers = call.Request.Headers;
        var (match, noneMatch) = (Text(headers.IfMatch), Text(headers.IfNoneMatch));
        if (match is not null ? !Names(match, version.ETag) : Time(headers.IfUnmodifiedSince) is { } unmodified && Seconds(version.LastModified) > unmodified)
        {
            throw S3Errors.Precondition(match is null ? "If-Unmodified-Since" : "If-Match");
        }

        return noneMatch is not null
            ? Names(noneMatch, version.ETag)
            : Time(headers.IfModifiedSince) is { } modified && Seconds(version.LastModified) <= modified && modified <= DateTimeOffset.MaxValue;
    }

    /// <summary>Decides on the source of a copy.</summary>
    public static void CheckSource(S3Call call, ObjectVersion version)
    {
        var (match, noneMatch) = (call.Header(Copy + "if-match"), call.Header(Copy + "if-none-match"));
        if (match is not null && !Names(match, version.ETag))
        {
            throw S3Errors.Precondition(Copy + "If-Match");
        }

        if (match is null && Time(call.Header(Copy + "if-unmodified-since")) is { } unmodified && Seconds(version.LastModified) > unmodified)
        {
            throw S3Errors.Precondition(Copy + "If-Unmodified-Since");
        }

        if (noneMatch is not null && Names(noneMatch, version.ETag))
        {
            throw S3Errors.Precondition(Copy + "If-None-Match");
        }

        if (noneMatch is null && Time(call.Header(Copy + "if-modified-since")) is { } modified && Seconds(version.LastModified) <= modified)
        {
            throw S3Errors.Precondition(Copy + "If-Modified-Since");
        }
    }

    /// <summary>What must hold of the target of a write.</summary>
    /// <exception cref="S3Exception">It asks for what S3 does not decide.</exception>
    public static WriteCondition OfWrite(IHeaderDictionary headers)
    {
        var (match, noneMatch) = (Text(headers.IfMatch), Text(headers.IfNoneMatch));
        return (match, noneMatch) switch
        {
            (not null, not null) => throw S3Errors.NotImplementedHeader("If-Match,If-None-Match", "Multiple conditional request headers present in the request"),
            ("*", _) => throw S3Errors.NotImplementedHeader("If-Match", "We don't accept the provided value of If-Match header for this API"),
            (_, not null and not "*") => throw S3Errors.NotImplementedHeader("If-None-Match", "We don't accept the provided value of If-None-Match header for this API"),
            _ => new(match is null ? null : Bare(match), noneMatch is not null),
        };
    }

    /// <summary>An ETag without quotes and without the mark of a weak one.</summary>
    public static string Bare(string tag)
    {
        var bare = tag.AsSpan().Trim();
        return (bare.StartsWith("W/") ? bare[2..] : bare).Trim('"').ToString();
    }

    private static bool Names(string header, string tag) => header.Split(',').Any(named => named.Trim() == "*" || Bare(named).Equals(tag, StringComparison.OrdinalIgnoreCase));

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static string? Text(string? header) => string.IsNullOrEmpty(header) ? null : header;
}
