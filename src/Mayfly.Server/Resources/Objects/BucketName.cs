using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Which names buckets can have. Those of the old rule of us-east-1 are accepted: programs have them.</summary>
public static partial class BucketName
{
    private static readonly string[] ReservedStarts = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedEnds = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <summary>Whether a bucket can have the name.</summary>
    public static bool IsValid(string name) => Old().IsMatch(name);

    /// <summary>What is against today's rule in a valid name; <see langword="null"/>: nothing.</summary>
    public static string? Warning(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!New().IsMatch(name))
        {
            return "AWS accepts for new buckets 3 to 63 characters: small letters, digits, hyphens and dots, with a letter or digit at both ends.";
        }

        if (name.Contains("..", StringComparison.Ordinal) || Address().IsMatch(name))
        {
            return "AWS accepts for new buckets neither two dots in a row nor the form of an IP address.";
        }

        return Array.Exists(ReservedStarts, start => name.StartsWith(start, StringComparison.Ordinal)) || Array.Exists(ReservedEnds, end => name.EndsWith(end, StringComparison.Ordinal))
            ? "AWS reserves names with this beginning or end."
            : null;
    }

    /// <summary>Refuses a name that no bucket can have.</summary>
    /// <exception cref="ObjectException">It is none.</exception>
    public static void Check(string name)
    {
        if (!IsValid(name))
        {
            throw new ObjectException(ObjectFailure.InvalidBucketName, "The specified bucket is not valid.", ("BucketName", name));
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._\-]{3,255}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Old();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex New();

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
