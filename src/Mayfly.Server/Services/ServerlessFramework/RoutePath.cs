using System.Text.RegularExpressions;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Checks the paths and methods of routes.</summary>
internal static partial class RoutePath
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];

    /// <summary>The method in upper case, <c>ANY</c> for <c>*</c>; <see langword="null"/> when there is no such method.</summary>
    public static string? Method(string text) =>
        text == "*" ? "ANY" : Methods.FirstOrDefault(method => method.Equals(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with a method.</summary>
    public static string WhyNoMethod(string text) =>
        $"the method \"{text}\" is not known{NearestName.Hint(text, Methods)}; known are {string.Join(", ", Methods)} and *.";

    /// <summary>What is wrong with a path that begins with a slash; <see langword="null"/> when nothing is.</summary>
    public static string? Fault(string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var segments = path.Split('/');
        for (var index = 1; index < segments.Length; index++)
        {
            var segment = segments[index];
            if (segment.Length == 0 && index < segments.Length - 1)
            {
                return $"the path \"{path}\" has an empty segment.";
            }
            if (segment.Contains('*'))
            {
                return $"the path \"{path}\" has a \"*\"; write {{proxy+}} at the end to match all that follows.";
            }
            if (segment.IndexOfAny(['{', '}']) < 0)
            {
                if (segment.Any(char.IsWhiteSpace) || segment.IndexOfAny(['?', '#']) >= 0)
                {
                    return $"the path \"{path}\" has a character that a path cannot have.";
                }
                continue;
            }
            var match = Parameter().Match(segment);
            if (!match.Success)
            {
                return $"the segment \"{segment}\" of the path \"{path}\" must be one whole parameter such as {{id}}, or {{proxy+}} at the end.";
            }
            if (match.Groups["rest"].Success && index < segments.Length - 1)
            {
                return $"\"{segment}\" matches all that follows, so it must be the last segment of the path \"{path}\".";
            }
            if (!names.Add(match.Groups["name"].Value))
            {
                return $"the parameter \"{match.Groups["name"].Value}\" stands twice in the path \"{path}\".";
            }
        }
        return null;
    }

    [GeneratedRegex(@"^\{(?<name>[A-Za-z0-9._:$-]+)(?<rest>\+)?\}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
