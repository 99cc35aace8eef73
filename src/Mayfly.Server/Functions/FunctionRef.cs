using System.Buffers;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Functions;

/// <summary>What a caller writes to name a function: name, <c>name:qualifier</c>, partial ARN or ARN.</summary>
/// <param name="Key">The function.</param>
/// <param name="Qualifier">Version or alias; <see langword="null"/> means <c>$LATEST</c>.</param>
public readonly partial record struct FunctionRef(FunctionKey Key, string? Qualifier)
{
    private const int MaxName = 140;

    private static readonly SearchValues<char> NameLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The ARN, with the qualifier where there is one.</summary>
    public string Arn => Qualifier is null ? Key.Arn : $"{Key.Arn}:{Qualifier}";

    /// <summary>Reads any form that the Lambda API takes. Account and region come from the ARN where it has them.</summary>
    /// <param name="text">What the caller wrote.</param>
    /// <param name="account">Account to use when the text names none.</param>
    /// <param name="region">Region to use when the text names none.</param>
    /// <param name="reference">The result.</param>
    /// <returns>Whether the text has one of the four forms.</returns>
    public static bool TryParse(string text, string account, string region, out FunctionRef reference)
    {
        if (text.Length is > 0 and <= MaxName && !text.AsSpan().ContainsAnyExcept(NameLetters))
        {
            reference = new(new(account, region, text), null);
            return true;
        }

        var match = Form().Match(text);
        reference = default;
        if (!match.Success)
        {
            return false;
        }

        string Or(string group, string otherwise) => match.Groups[group] is { Success: true } g ? g.Value : otherwise;
        reference = new(
            new(Or("account", account), Or("region", region), match.Groups["name"].Value),
            match.Groups["qualifier"] is { Success: true } q ? q.Value : null);
        return true;
    }

    // The pattern of the service model's FunctionName shape, with named groups. No function has a name of more than 64
    // characters, but one can be asked for.
    [GeneratedRegex(@"^(arn:(aws[a-zA-Z-]*)?:lambda:)?((?<region>[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[0-9]):)?((?<account>[0-9]{12}):)?(function:)?(?<name>[a-zA-Z0-9-_]{1,140})(:(?<qualifier>\$LATEST|[a-zA-Z0-9-_]{1,128}))?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
