using System.Buffers;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Json;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Members of requests as SQS asks for them.</summary>
internal static class SqsMembers
{
    private const int MaxName = 80;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Whether a text is a name, as those of queues, entries and labels are.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxName && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>A text that must be there, and not be empty.</summary>
    public static string Needed(this JsonElement json, string name, string within = "") =>
        json.Text(name) is { Length: > 0 } text ? text : throw SqsErrors.Missing(within + name);

    /// <summary>A number; what no number of this size can be is as far out of bounds.</summary>
    public static int? Number(this JsonElement json, string name) =>
        json.Member(name) is { } value ? (int)Math.Clamp(value.GetDouble(), int.MinValue, int.MaxValue) : null;

    /// <summary>A number within bounds.</summary>
    public static int? Number(this JsonElement json, string name, int least, int most, string? reason = null) =>
        json.Number(name) is not { } number ? null
        : number >= least && number <= most ? number
        : throw SqsErrors.Invalid($"{number}", name, reason ?? $"Must be >= {least} and <= {most}, if provided.");

    /// <summary>The texts of a list.</summary>
    public static IEnumerable<string> Texts(this JsonElement json, string name) => json.List(name).Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.Unicode());

    /// <summary>A text that is Unicode.</summary>
    public static string Unicode(this JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new AwsException("SerializationException", "A value is not valid Unicode.");
        }
    }
}
