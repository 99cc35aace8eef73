using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>The names of the rules and schedules of a manifest: each stands once.</summary>
/// <param name="prefix">What names begin with that are made here: service and stage.</param>
internal sealed partial class RuleNames(string prefix)
{
    private const int MaxName = 64;

    private readonly Dictionary<string, Position> _names = new(StringComparer.Ordinal);

    /// <summary>The name that an event gives itself.</summary>
    public static string? Given(Section section) => section.Text("name", RuleName(), "letters, digits and . - _ only, at most 64");

    /// <summary>A name that was given, or one that stays the same while the order of the events does.</summary>
    /// <param name="at">Where it stands.</param>
    /// <param name="owner">The whole key, for messages.</param>
    /// <param name="given">The name that was given.</param>
    /// <param name="key">The function's key.</param>
    /// <param name="kind">What is named.</param>
    /// <exception cref="ManifestException">The name is there already.</exception>
    public string Take(Position at, string owner, string? given, string key, string kind)
    {
        var name = given;
        for (var number = 1; name is null; number++)
        {
            var made = Cut(string.Create(CultureInfo.InvariantCulture, $"{prefix}-{key}-{kind}-{number}"));
            name = _names.ContainsKey(made) ? null : made;
        }

        return _names.TryAdd(name, at) ? name : throw at.Error($"{owner}: the rule \"{name}\" is there already, line {_names[name].Line}.");
    }

    /// <summary>A name that is at most so long: one that is longer ends with a part of its hash.</summary>
    public static string Cut(string name, int most = MaxName) =>
        name.Length <= most ? name : $"{name[..(most - 9)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";

    [GeneratedRegex(@"^[\.\-_A-Za-z0-9]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RuleName();
}
