using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws;

/// <summary>Whose request it is and where: account and region, read from the signature's credential without checking it.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
public readonly record struct AwsScope(string Account, string Region)
{
    private const string Header = "Credential=";

    /// <summary>
    /// The credential is <c>key/date/region/service/aws4_request</c>. A key of twelve digits names the account;
    /// whatever is missing comes from the settings.
    /// </summary>
    public static AwsScope Of(HttpRequest request, ServerSettings settings)
    {
        var credential = FromHeader(request.Headers.Authorization.ToString());
        if (credential.IsEmpty)
        {
            credential = request.Query["X-Amz-Credential"].ToString();
        }

        Span<Range> parts = stackalloc Range[6];
        if (credential.Split(parts, '/') != 5)
        {
            return new(settings.Account, settings.Region);
        }

        var key = credential[parts[0]];
        var region = credential[parts[2]];
        return new(
            key.Length == 12 && !key.ContainsAnyExceptInRange('0', '9') ? Reuse(key, settings.Account) : settings.Account,
            IsRegion(region) ? Reuse(region, settings.Region) : settings.Region);
    }

    private static ReadOnlySpan<char> FromHeader(string authorization)
    {
        if (!authorization.StartsWith("AWS4-", StringComparison.Ordinal) || authorization.IndexOf(Header, StringComparison.Ordinal) is not (>= 0 and var start))
        {
            return default;
        }

        var credential = authorization.AsSpan(start + Header.Length);
        var end = credential.IndexOfAny(',', ' ');
        return end < 0 ? credential : credential[..end];
    }

    private static bool IsRegion(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            {
                return false;
            }
        }

        return text.Length is > 0 and <= 32;
    }

    private static string Reuse(ReadOnlySpan<char> text, string known) => text.SequenceEqual(known) ? known : text.ToString();
}
