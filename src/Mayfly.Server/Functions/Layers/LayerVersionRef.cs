using System.Globalization;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Functions.Layers;

/// <summary>One version of a layer.</summary>
/// <param name="Layer">Which layer.</param>
/// <param name="Number">Which version, from 1.</param>
public readonly partial record struct LayerVersionRef(LayerKey Layer, long Number)
{
    /// <summary>The ARN with the version.</summary>
    public string Arn => string.Create(CultureInfo.InvariantCulture, $"{Layer.Arn}:{Number}");

    /// <summary>Reads a layer's ARN, with a version or without.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="number">The version; <see langword="null"/> when the ARN has none.</param>
    public static bool TryParse(string text, out LayerKey layer, out long? number)
    {
        var match = text.Length <= 256 ? LayerArn().Match(text) : Match.Empty;
        layer = match.Success ? new(match.Groups["account"].Value, match.Groups["region"].Value, match.Groups["name"].Value) : default;
        number = match.Groups["number"] is { Success: true } digits && long.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return match.Success && (number is not null || !match.Groups["number"].Success);
    }

    /// <summary>Reads the ARN of a layer version.</summary>
    public static bool TryParse(string text, out LayerVersionRef version)
    {
        var read = TryParse(text, out var layer, out var number) && number is not null;
        version = read ? new(layer, number!.Value) : default;
        return read;
    }

    /// <summary>Whether a text can name a layer.</summary>
    public static bool IsName(string text) => LayerName().IsMatch(text);

    /// <inheritdoc />
    public override string ToString() => Arn;

    [GeneratedRegex(@"^arn:[a-zA-Z0-9-]+:lambda:(?<region>[a-zA-Z0-9-]+):(?<account>\d{12}):layer:(?<name>[a-zA-Z0-9-_]{1,140})(:(?<number>[0-9]{1,18}))?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LayerArn();

    [GeneratedRegex(@"^[a-zA-Z0-9-_]{1,140}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LayerName();
}
