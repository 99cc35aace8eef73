using System.Collections.Immutable;
using System.Xml.Linq;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Which pages may use a bucket, and how.</summary>
internal sealed record CorsRule
{
    private const int MostRules = 100;

    private static readonly string[] Known = ["GET", "PUT", "HEAD", "POST", "DELETE"];

    public required ImmutableArray<string> Origins { get; init; }

    public required ImmutableArray<string> Methods { get; init; }

    public required ImmutableArray<string> Headers { get; init; }

    public required ImmutableArray<string> Exposed { get; init; }

    public long? MaxAge { get; init; }

    /// <summary>Whether any origin may, and need not be named in the answer.</summary>
    public bool IsForAll => Origins.Contains("*");

    /// <summary>Reads a bucket's rules.</summary>
    /// <exception cref="S3Exception">They are none.</exception>
    public static ImmutableArray<CorsRule> Read(XElement root)
    {
        var rules = root.All("CORSRule").Select(Of).ToImmutableArray();
        return rules.Length is 0 or > MostRules ? throw S3Errors.MalformedXml() : rules;

        static CorsRule Of(XElement rule)
        {
            var made = new CorsRule { Origins = Texts(rule, "AllowedOrigin"), Methods = Texts(rule, "AllowedMethod"), Headers = Texts(rule, "AllowedHeader"), Exposed = Texts(rule, "ExposeHeader"), MaxAge = rule.Number("MaxAgeSeconds") };
            if (made.Origins.IsEmpty || made.Methods.IsEmpty)
            {
                throw S3Errors.MalformedXml();
            }

            foreach (var method in made.Methods)
            {
                if (!Known.Contains(method))
                {
                    throw S3Errors.InvalidRequest($"Found unsupported HTTP method in CORS config. Unsupported method is {method}");
                }
            }

            foreach (var origin in made.Origins)
            {
                if (origin.Count(static c => c == '*') > 1)
                {
                    throw S3Errors.InvalidRequest($"AllowedOrigin \"{origin}\" can not have more than one wildcard.");
                }
            }

            return made;
        }

        static ImmutableArray<string> Texts(XElement rule, string name) => [.. rule.All(name).Select(static element => element.Value)];
    }

    /// <summary>Whether a page may do this.</summary>
    /// <param name="origin">Where the page is from.</param>
    /// <param name="method">What it does.</param>
    /// <param name="headers">Which headers it sets.</param>
    public bool Allows(string origin, string method, IEnumerable<string> headers) =>
        Methods.Contains(method) && Origins.Any(pattern => Matches(pattern, origin)) && headers.All(header => Headers.Any(pattern => Matches(pattern, header)));

    private static bool Matches(string pattern, string text)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0
            ? pattern.Equals(text, StringComparison.OrdinalIgnoreCase)
            : text.Length >= pattern.Length - 1 && text.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase) && text.EndsWith(pattern[(star + 1)..], StringComparison.OrdinalIgnoreCase);
    }
}
