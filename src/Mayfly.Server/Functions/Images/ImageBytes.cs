using System.Security.Cryptography;

namespace Mayfly.Server.Functions.Images;

/// <summary>A stream of an archive on its way to the reader: hashed, counted, and refused where it is too much.</summary>
/// <param name="inner">What is read; disposed with this.</param>
/// <param name="most">Most bytes that may come out.</param>
internal sealed class ImageBytes(Stream inner, long most) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes so far.</summary>
    public long Count { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads what the reader left, and returns the SHA-256 of everything.</summary>
    public async Task<string> FinishAsync(CancellationToken cancellationToken)
    {
        var rest = new byte[64 * 1024];
        while (await ReadAsync(rest, cancellationToken) > 0)
        {
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        Check(buffer.Length);
        var read = inner.Read(buffer);
        Take(buffer[..read]);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Check(buffer.Length);
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Take(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    // A reader that wants much at once was told so by a header, which may lie.
    private static void Check(int wanted)
    {
        if (wanted > ImageLimits.Header)
        {
            throw new InvalidDataException("A header is too long.");
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        Count += bytes.Length;
        if (Count > most)
        {
            throw ImageLimits.Exceeded(ImageLimits.Archive, "bytes");
        }

        _hash.AppendData(bytes);
    }
}
