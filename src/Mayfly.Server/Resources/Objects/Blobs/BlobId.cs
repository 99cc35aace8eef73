namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>The name of a file with content. It is never used again.</summary>
/// <param name="Value">Increasing with time, so that the index of blobs grows at its end.</param>
internal readonly record struct BlobId(Guid Value)
{
    /// <summary>The bytes of the row.</summary>
    public byte[] Bytes => Value.ToByteArray(bigEndian: true);

    /// <summary>Where it lies among the others: one of 256 folders.</summary>
    public string Folder => Name[^2..];

    /// <summary>The name of its file.</summary>
    public string Name => Value.ToString("N");

    public static BlobId New(TimeProvider time) => new(Guid.CreateVersion7(time.GetUtcNow()));

    public static BlobId Of(ReadOnlySpan<byte> bytes) => new(new(bytes, bigEndian: true));

    public static BlobId? Parse(string name) => Guid.TryParseExact(name, "N", out var value) ? new(value) : null;
}
