using System.Globalization;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Some bytes of an object.</summary>
/// <param name="Offset">The first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Reads a Range header.</summary>
    /// <param name="header">The header.</param>
    /// <param name="size">The object's size.</param>
    /// <returns>The range; <see langword="null"/> when the whole is to be answered, as for anything but one sound range.</returns>
    /// <exception cref="S3Exception">None of it is in the object.</exception>
    public static ByteRange? Read(string? header, long size)
    {
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var text = header.AsSpan("bytes=".Length).Trim();
        var dash = text.IndexOf('-');
        if (dash < 0)
        {
            return null;
        }

        var (first, last) = (Number(text[..dash]), Number(text[(dash + 1)..]));
        if (dash == 0)
        {
            return last is null ? null : last == 0 || size == 0 ? throw None(header, size) : new(Math.Max(0, size - last.Value), Math.Min(size, last.Value));
        }

        if (first is null || (last is null && dash + 1 < text.Length) || last < first)
        {
            return null;
        }

        return first >= size ? throw None(header, size) : new(first.Value, Math.Min(size - 1, last ?? long.MaxValue) - first.Value + 1);
    }

    /// <summary>Reads the range of a part that is copied, which must be in the source.</summary>
    public static ByteRange ReadCopy(string header, long size)
    {
        const string name = "x-amz-copy-source-range";
        var dash = header.IndexOf('-', StringComparison.Ordinal);
        if (!header.StartsWith("bytes=", StringComparison.Ordinal) || dash < 0 || Number(header.AsSpan()["bytes=".Length..dash]) is not { } first || Number(header.AsSpan(dash + 1)) is not { } last || last < first)
        {
            throw S3Errors.InvalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy", name, header);
        }

        return first >= size ? throw S3Errors.InvalidRequest("The specified copy range is invalid for the source object size")
            : last >= size ? throw S3Errors.InvalidArgument($"Range specified is not valid for source object of size: {size}", name, header)
            : new(first, last - first + 1);
    }

    private static long? Number(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static S3Exception None(string header, long size) => new(
        416,
        "InvalidRange",
        "The requested range is not satisfiable",
        ("ActualObjectSize", size.ToString(CultureInfo.InvariantCulture)),
        ("RangeRequested", header))
    {
        Headers = [("Content-Range", $"bytes */{size}")],
    };
}
