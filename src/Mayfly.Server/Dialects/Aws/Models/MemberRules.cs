using System.Globalization;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>The bounds of one value, in the words and the order in which the services tell them.</summary>
internal static class MemberRules
{
    public const string NotNull = "Member must not be null";

    // The runtimes are this server's own, told by its catalog; the model's list is another's.
    private const string Runtime = "Runtime";

    public static string Failure(string path, string? value, string constraint) =>
        value is null
            ? $"Value at '{path}' failed to satisfy constraint: {constraint}"
            : $"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}";

    public static string Missing(string path) => $"Value null at '{path}' failed to satisfy constraint: {NotNull}";

    /// <summary>As the services name members: <c>FunctionName</c> is <c>functionName</c>.</summary>
    public static string Lower(string member) => char.ToLowerInvariant(member[0]) + member[1..];

    /// <summary>Every bound of a shape's text, whether it holds or not.</summary>
    public static IEnumerable<(string Words, bool Holds)> OfText(string name, ModelShape shape, string text)
    {
        foreach (var rule in OfLength(shape, text.Length))
        {
            yield return rule;
        }

        if (shape.Pattern is not null)
        {
            yield return ($"Member must satisfy regular expression pattern: {shape.Pattern}", shape.Matches(text));
        }

        if (shape.Enum is not null && name != Runtime)
        {
            yield return ($"Member must satisfy enum value set: [{string.Join(", ", shape.Enum)}]", shape.Enum.Contains(text, StringComparer.Ordinal));
        }
    }

    public static IEnumerable<(string Words, bool Holds)> OfNumber(ModelShape shape, double number)
    {
        if (shape.Max is { } max)
        {
            yield return ($"Member must have value less than or equal to {Number(max, shape)}", number <= max);
        }

        if (shape.Min is { } min)
        {
            yield return ($"Member must have value greater than or equal to {Number(min, shape)}", number >= min);
        }
    }

    public static IEnumerable<(string Words, bool Holds)> OfLength(ModelShape shape, int length)
    {
        if (shape.Max is { } max)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"Member must have length less than or equal to {max}"), length <= max);
        }

        if (shape.Min is { } min)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"Member must have length greater than or equal to {min}"), length >= min);
        }
    }

    /// <summary>Whether a text is bounded at all; most are not, and then need not be decoded.</summary>
    public static bool AreAny(ModelShape shape) => shape.Max is not null || shape.Min is not null || shape.Pattern is not null || shape.Enum is not null;

    private static string Number(double value, ModelShape shape) => value.ToString(shape.Type == "double" ? "0.0##" : "0", CultureInfo.InvariantCulture);
}
