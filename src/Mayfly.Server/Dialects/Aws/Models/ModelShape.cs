using System.Text.RegularExpressions;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>A type of the service: what it may hold and in which bounds. What the model leaves out is <see langword="null"/>.</summary>
internal sealed record ModelShape
{
    private Regex? _whole;

    /// <summary><c>structure</c>, <c>list</c>, <c>map</c>, <c>string</c>, <c>integer</c>, <c>long</c>, <c>double</c>, <c>boolean</c>, <c>blob</c> or <c>timestamp</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Least value of a number, least length of anything else.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>A regular expression of Java's that the whole text must match.</summary>
    public string? Pattern { get; init; }

    public string[]? Enum { get; init; }

    /// <summary>Whether errors must not repeat the value.</summary>
    public bool Sensitive { get; init; }

    /// <summary>The member that is the whole body.</summary>
    public string? Payload { get; init; }

    /// <summary>Of an error: its HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>The shape of a list's elements.</summary>
    public string? Member { get; init; }

    /// <summary>The shape of a map's keys.</summary>
    public string? Key { get; init; }

    /// <summary>The shape of a map's values.</summary>
    public string? Value { get; init; }

    /// <summary>Of a list or map in the query protocol, where its elements stand in the structure itself: what each is called.</summary>
    public string? Item { get; init; }

    /// <summary>What an entry of a map calls its key, in the query protocol.</summary>
    public string KeyName { get; init; } = "key";

    /// <summary>What an entry of a map calls its value, in the query protocol.</summary>
    public string ValueName { get; init; } = "value";

    /// <summary>Of an error: its name in the query protocol, where that is not the shape's.</summary>
    public string? Code { get; init; }

    /// <summary>Of a structure, in the model's order.</summary>
    public OrderedDictionary<string, ModelMember>? Members { get; init; }

    public bool IsNumber => Type is "integer" or "long" or "double";

    /// <summary>Whether a text matches the pattern from end to end. One that takes too long to tell does not.</summary>
    public bool Matches(string text)
    {
        try
        {
            return Pattern is null || (_whole ??= JavaPattern.Whole(Pattern)).IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
