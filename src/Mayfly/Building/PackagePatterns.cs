using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Mayfly.Building;

/// <summary>Which files of a folder go into a package: patterns in order, a leading <c>!</c> excludes, the last match wins.</summary>
public sealed class PackagePatterns
{
    // What the Serverless Framework leaves out unless a pattern asks for it.
    private static readonly string[] Defaults =
    [
        "!.git/**", "!.gitignore", "!.DS_Store", "!**/.DS_Store", "!npm-debug.log", "!.serverless/**", "!.serverless_plugins/**",
        "!serverless.yml", "!serverless.yaml", "!serverless.json", "!serverless.js", "!serverless.ts", "!.env*",
    ];

    // Whatever is asked for: state of tools, never code.
    private static readonly string[] Never = [".mayfly", ".git", "__pycache__"];

    private readonly ImmutableArray<(bool Include, Regex Pattern)> _rules;

    /// <summary>Compiles patterns; those of the platform come first.</summary>
    /// <param name="patterns">The user's patterns.</param>
    public PackagePatterns(IEnumerable<string> patterns) => _rules =
    [
        .. Defaults.Concat(patterns).Where(p => p.Trim().Length > 0).Select(p => p.Trim()).Select(p =>
            p[0] == '!' ? (false, Glob(p[1..])) : (true, Glob(p))),
    ];

    /// <summary>Whether a file is packed.</summary>
    /// <param name="path">Relative to the code folder, with <c>/</c>.</param>
    public bool Includes(string path)
    {
        var included = true;
        foreach (var (include, pattern) in _rules)
        {
            if (include != included && pattern.IsMatch(path))
            {
                included = include;
            }
        }

        return included;
    }

    /// <summary>Whether a folder is left out with all that is in it, whatever the patterns say.</summary>
    public static bool IsNever(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return Array.IndexOf(Never, name) >= 0 || path.EndsWith("node_modules/.cache", StringComparison.Ordinal);
    }

    /// <summary>A glob as a regular expression: <c>**</c> crosses folders, <c>*</c> and <c>?</c> do not, <c>{a,b}</c> and <c>[…]</c> choose; a folder's name stands for all in it.</summary>
    public static Regex Glob(string glob)
    {
        if (glob.StartsWith("./", StringComparison.Ordinal))
        {
            glob = glob[2..];
        }

        var text = new StringBuilder("^");
        var depth = 0;
        for (var i = 0; i < glob.Length; i++)
        {
            var c = glob[i];
            if (c == '*' && i + 1 < glob.Length && glob[i + 1] == '*')
            {
                i++;
                if (i + 1 < glob.Length && glob[i + 1] == '/')
                {
                    i++;
                    text.Append("(?:.*/)?");
                }
                else
                {
                    text.Append(".*");
                }

                continue;
            }

            var close = c == '[' && i + 1 < glob.Length ? glob.IndexOf(']', i + 1) : -1;
            if (close > i)
            {
                text.Append('[').Append(glob[(i + 1)..close].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("!", "^", StringComparison.Ordinal)).Append(']');
                i = close;
                continue;
            }

            var closes = c == '}' && depth > 0;
            text.Append(c switch
            {
                '*' => "[^/]*",
                '?' => "[^/]",
                '{' => "(?:",
                '}' when closes => ")",
                ',' when depth > 0 => "|",
                _ => Regex.Escape(c.ToString()),
            });
            depth += c == '{' ? 1 : closes ? -1 : 0;
        }

        for (; depth > 0; depth--)
        {
            text.Append(')');
        }

        return new Regex(text.Append("(?:/.*)?$").ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
    }
}
