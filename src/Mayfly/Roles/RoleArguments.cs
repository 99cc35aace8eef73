using System.Globalization;

namespace Mayfly.Roles;

/// <summary>Arguments of a hidden role: pairs of <c>--name value</c>, written by the supervisor and read here.</summary>
public sealed class RoleArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs.</summary>
    /// <exception cref="ArgumentException">A word is no option, or has no value.</exception>
    public RoleArguments(ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i += 2)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == words.Length)
            {
                throw new ArgumentException($"'{words[i]}' needs the form --name value", nameof(words));
            }

            _values[words[i]] = words[i + 1];
        }
    }

    /// <summary>A value that must be there.</summary>
    public string Text(string name) =>
        _values.TryGetValue(name, out var value) ? value : throw new ArgumentException($"{name} is missing", nameof(name));

    /// <summary>A value, when it is there.</summary>
    public string? Optional(string name) => _values.GetValueOrDefault(name);

    /// <summary>A time, when it is there.</summary>
    public DateTimeOffset? Moment(string name) =>
        _values.TryGetValue(name, out var value) ? DateTimeOffset.ParseExact(value, "O", CultureInfo.InvariantCulture) : null;

    /// <summary>A whole number, when it is there.</summary>
    public int? Number(string name) =>
        _values.TryGetValue(name, out var value) ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
