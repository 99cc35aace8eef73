using System.Text;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>Makes of a regular expression of Java's one of .NET's that matches the same whole texts.</summary>
internal static class JavaPattern
{
    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(250);

    /// <summary>Java's classes are of ASCII, .NET's of Unicode; Java's dot stops at more line ends; and the service matches from end to end.</summary>
    public static Regex Whole(string pattern)
    {
        var text = new StringBuilder(@"\A(?:", pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                text.Append(Escape(pattern[++i], inClass));
                continue;
            }

            inClass = c == '[' || (inClass && c != ']');
            text.Append(c == '.' && !inClass ? @"[^\n\r\u0085\u2028\u2029]" : c.ToString());
        }

        return new(text.Append(@")\z").ToString(), RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, Most);
    }

    private static string Escape(char c, bool inClass) => c switch
    {
        'd' => inClass ? "0-9" : "[0-9]",
        'w' => inClass ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]",
        's' => inClass ? @" \t\n\x0B\f\r" : @"[ \t\n\x0B\f\r]",
        '_' => "_",
        _ => $"\\{c}",
    };
}
