using System.Text.RegularExpressions;

namespace Mayfly.Server.Invocation;

/// <summary>The error types that AWS Lambda prints in its own records: what a function reports may be anything.</summary>
public static partial class ErrorTypes
{
    /// <summary>Keeps <c>Runtime.Some</c>, <c>Function.Some</c> and the platform's own; all else is unknown.</summary>
    public static string Normalize(string type) =>
        Kept().IsMatch(type) ? type : type.StartsWith("Function.", StringComparison.Ordinal) ? "Function.Unknown" : "Runtime.Unknown";

    [GeneratedRegex(@"^(Runtime|Function|Extension|Sandbox)\.[A-Z][a-zA-Z]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kept();
}
