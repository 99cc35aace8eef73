using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>A bucket of an S3-compatible store that the contents above 16 KiB go to.</summary>
/// <param name="Bucket">The bucket, which must be there.</param>
/// <param name="Prefix">What their keys begin with: empty, or with a slash at its end.</param>
/// <param name="Endpoint">The store's address; <see langword="null"/>: Amazon's for the region.</param>
/// <param name="Region">The region that requests are signed for.</param>
public sealed partial record RemotePlace(string Bucket, string Prefix, Uri? Endpoint, string Region)
{
    /// <summary>What the setting looks like.</summary>
    public const string Form = "s3://bucket/prefix?endpoint=http://host:9000&region=us-east-1";

    /// <summary>Reads the setting.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="place">The place.</param>
    /// <param name="problem">What is wrong with it, after "must".</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RemotePlace? place, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        place = null;
        var match = Whole().Match(text);
        if (!match.Success)
        {
            problem = $"must look like {Form}";
            return false;
        }

        var (bucket, prefix) = (match.Groups["bucket"].Value, match.Groups["prefix"].Value.Trim('/'));
        if (!BucketForm().IsMatch(bucket))
        {
            problem = $"must name a bucket, 3 to 63 small letters, digits, dots and hyphens, as in {Form}";
            return false;
        }

        if (!PrefixForm().IsMatch(prefix) || prefix.Split('/').Any(static part => part is "." or ".."))
        {
            problem = "must have a prefix of letters, digits, - _ . and /, at most 500";
            return false;
        }

        Uri? endpoint = null;
        var region = "us-east-1";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in match.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = member.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? (member[..equals], Uri.UnescapeDataString(member[(equals + 1)..])) : (member, "");
            problem = !seen.Add(name) ? $"must say {name} once" : name switch
            {
                "endpoint" => EndpointProblem(value, out endpoint),
                "region" => RegionForm().IsMatch(region = value) ? null : "must have a region of letters, digits and hyphens",
                _ => $"must have no other members than endpoint and region, as in {Form}; keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            };
            if (problem is not null)
            {
                return false;
            }
        }

        problem = null;
        place = new(bucket, prefix.Length == 0 ? "" : prefix + "/", endpoint, region);
        return true;
    }

    /// <summary>The setting that names the place.</summary>
    public override string ToString() => $"s3://{Bucket}/{Prefix}?{(Endpoint is null ? "" : $"endpoint={Endpoint.GetLeftPart(UriPartial.Authority)}&")}region={Region}";

    private static string? EndpointProblem(string value, out Uri? endpoint) =>
        Uri.TryCreate(value, UriKind.Absolute, out endpoint) && endpoint is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/", Fragment: "" }
            ? null
            : "must have an endpoint of scheme, host and port alone, such as https://host:9000";

    [GeneratedRegex(@"^s3://(?<bucket>[^/?#@]*)(?<prefix>/[^?#]*)?(\?(?<query>[^#]*))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Whole();

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BucketForm();

    [GeneratedRegex("^[A-Za-z0-9._/-]{0,500}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PrefixForm();

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionForm();
}
