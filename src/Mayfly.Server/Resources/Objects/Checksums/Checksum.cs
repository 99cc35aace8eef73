using System.Buffers.Text;

namespace Mayfly.Server.Resources.Objects.Checksums;

/// <summary>A checksum of an object or of a part.</summary>
/// <param name="Algorithm">How it was made.</param>
/// <param name="Value">As S3 writes it: base64, of a composite one with <c>-</c> and the count of parts.</param>
/// <param name="Type">What it is about.</param>
public sealed record Checksum(ChecksumAlgorithm Algorithm, string Value, ChecksumType Type = ChecksumType.FullObject)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static Checksum Parse(string text)
    {
        var parts = text.Split(':', 3);
        return new(Enum.Parse<ChecksumAlgorithm>(parts[0]), parts[2], Enum.Parse<ChecksumType>(parts[1]));
    }

    /// <summary>For the store.</summary>
    public override string ToString() => $"{Algorithm}:{Type}:{Value}";

    /// <summary>Whether a text has the form of such a checksum: base64 of as many bytes as it has.</summary>
    public static bool IsValue(ChecksumAlgorithm algorithm, string value) =>
        Base64.IsValid(value, out var length) && length == ChecksumNames.LengthOf(algorithm);
}
