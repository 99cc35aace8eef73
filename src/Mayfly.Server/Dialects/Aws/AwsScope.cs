using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Identity;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws;

/// <summary>Whose request it is and where: account and region, read from the signature's credential without checking it.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
public readonly record struct AwsScope(string Account, string Region)
{
    /// <summary>
    /// The credential is <c>key/date/region/service/aws4_request</c>. A key of twelve digits names the account,
    /// one that was issued to a function its function's; whatever is missing comes from the settings. A function that calls
    /// from its own sandbox is in its own account, whatever it signs with.
    /// </summary>
    public static AwsScope Of(HttpRequest request, ServerSettings settings, FunctionCredentials? credentials = null)
    {
        var isSigned = SignedRequest.Read(request, out var signed) == SignatureReading.Signed;
        if (CallingFunction.Of(request.HttpContext) is { } caller)
        {
            return new(caller.Account, isSigned && IsRegion(signed.Region) ? Reuse(signed.Region, settings.Region) : caller.Region);
        }

        if (!isSigned)
        {
            return new(settings.Account, settings.Region);
        }

        var key = signed.AccessKey;
        if (key.StartsWith("ASIA") && credentials?.TryRecognise(key.ToString(), signed.SessionToken, out var identity, out _) == true)
        {
            return new(identity!.Account, IsRegion(signed.Region) ? Reuse(signed.Region, settings.Region) : identity.Region);
        }

        return new(
            key.Length == 12 && !key.ContainsAnyExceptInRange('0', '9') ? Reuse(key, settings.Account) : settings.Account,
            IsRegion(signed.Region) ? Reuse(signed.Region, settings.Region) : settings.Region);
    }

    /// <summary>Whether a text can be a region's name.</summary>
    public static bool IsRegion(ReadOnlySpan<char> text)
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
