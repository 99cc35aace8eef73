using System.Buffers.Binary;

namespace Mayfly.Server.Functions;

/// <summary>
/// Looks at where a zip's directory lies before the framework reads it. That reader makes an object of every header it
/// finds whatever count the zip claims, so the bytes that it may walk are bounded here.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int MaxComment = 65_535;
    private const long MaxDirectoryBytes = 24L * 1024 * 1024;

    /// <exception cref="CodePackageException">It is not a zip, or its directory is too large.</exception>
    public static void Check(Stream zip)
    {
        var tail = new byte[(int)Math.Min(zip.Length, EndLength + MaxComment)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndLength)
        {
            throw NotAZip();
        }

        long offset = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if (offset == uint.MaxValue)
        {
            offset = Zip64Offset(zip, zip.Length - tail.Length + end);
        }

        if (offset < 0 || offset > zip.Length)
        {
            throw NotAZip();
        }

        if (zip.Length - offset > MaxDirectoryBytes + MaxComment)
        {
            throw new CodePackageException($"The zip's directory takes more than {MaxDirectoryBytes} bytes: it has too many entries. Bundle the code, or leave out what the function does not need.");
        }

        zip.Position = 0;
    }

    public static CodePackageException NotAZip() => new("Could not unzip uploaded file. Please check your file, then try to upload again.");

    private static long Zip64Offset(Stream zip, long end)
    {
        const int locatorLength = 20;
        const int recordLength = 56;
        Span<byte> record = stackalloc byte[recordLength];
        if (end < locatorLength)
        {
            throw NotAZip();
        }

        zip.Position = end - locatorLength;
        zip.ReadExactly(record[..locatorLength]);
        var at = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
        if (!record.StartsWith("PK\u0006\u0007"u8) || at < 0 || at > zip.Length - recordLength)
        {
            throw NotAZip();
        }

        zip.Position = at;
        zip.ReadExactly(record);
        return record.StartsWith("PK\u0006\u0006"u8) ? BinaryPrimitives.ReadInt64LittleEndian(record[48..]) : throw NotAZip();
    }
}
